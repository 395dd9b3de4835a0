from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.rag.encoding import decode
from apps.rag.errors import ParseError

CHINESE = "国务院办公厅关于印发安全生产工作通知的要求，各部门应当认真贯彻落实。"
TAIWAN = "行政院關於安全生產工作的通知，各部門應當認真執行。自即日起施行。"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_chinese_is_read_in_every_usual_encoding(encoding: str) -> None:
    decoded = decode(f"{CHINESE}\n第二行 2024\n".encode(encoding))
    assert decoded.text == f"{CHINESE}\n第二行 2024\n"
    assert decoded.confident


def test_big5_is_told_from_gbk() -> None:
    assert decode(TAIWAN.encode("big5")).text == TAIWAN


@pytest.mark.parametrize("word", ["通知", "联通", "目录", "张三,李四"])
def test_short_gbk_that_may_be_valid_utf8_by_accident_is_chinese(word: str) -> None:
    assert decode(word.encode("gbk")).text == word


@pytest.mark.parametrize(
    "text",
    [
        "café",
        "Привет, мир",
        "שלום עולם",
        "ñandú, größer",
        "これは日本語です",
        "한국어 문장",
        "完成 ✅ 🎉",
        "naïve – “quoted” €",
    ],
)
def test_utf8_of_other_scripts_stays_utf8(text: str) -> None:
    decoded = decode(text.encode())
    assert (decoded.text, decoded.encoding) == (text, "utf-8")


def test_western_bytes_are_read_but_flagged() -> None:
    text = "Les élèves français étaient à l'école, où ça va très bien."
    decoded = decode(text.encode("cp1252"))
    assert decoded.text == text
    assert not decoded.confident


def test_korean_bytes_are_never_silently_chinese() -> None:
    text = "이것은 한국어 문장입니다. 안전에 관한 공지입니다. 모두 확인해 주시기 바랍니다."
    decoded = decode(text.encode("cp949"))
    assert decoded.text == text or not decoded.confident


def test_a_declared_charset_is_used_where_it_fits_and_not_where_it_lies() -> None:
    assert decode("שלום לכולם".encode("cp1255"), declared="iso-8859-8-i").text == "שלום לכולם"
    assert decode(CHINESE.encode("gb18030"), declared="gb2312").text == CHINESE
    assert decode(CHINESE.encode(), declared="iso-8859-1").text == CHINESE
    assert decode(CHINESE.encode(), declared="no-such-charset").text == CHINESE


def test_some_damaged_bytes_do_not_lose_the_rest() -> None:
    damaged = CHINESE.encode() * 5 + b"\xff\xfe" + CHINESE.encode()
    decoded = decode(damaged)
    assert CHINESE in decoded.text
    assert not decoded.confident


def test_binary_data_is_refused() -> None:
    with pytest.raises(ParseError) as caught:
        decode(bytes(range(256)) * 40 + bytes(2000))
    assert caught.value.code == "encoding"


@given(
    st.text(alphabet=st.sampled_from("的一是在不了有和人这中大为上个国我以要他，。0123456789 \n"), min_size=2)
)
def test_common_chinese_survives_a_round_trip_through_gb18030(text: str) -> None:
    assert decode(text.encode("gb18030")).text == text


@given(st.binary(max_size=300))
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    try:
        decoded = decode(data)
    except ParseError as error:
        assert error.code == "encoding"
    else:
        assert isinstance(decoded.text, str)
