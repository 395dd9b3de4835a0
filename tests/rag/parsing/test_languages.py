from __future__ import annotations

import pytest

from apps.rag.languages import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("第十二条 用人单位自用工之日起即与劳动者建立劳动关系。", "zh"),
        ("行政院關於安全生產的通知", "zh"),
        ("embedding 模型怎么配置", "zh"),
        ("他说“の”是日语助词，其余都是中文文字的内容。", "zh"),
        ("How do I apply for annual leave?", "en"),
        ("budget 2024", "en"),
        ("The ministry (国务院) published the notice on the website of the government.", "en"),
        ("これは日本語の文章です", "ja"),
        ("東京タワーの高さは？", "ja"),
        ("이것은 한국어입니다", "ko"),
        ("Привет, как дела", "ru"),
        ("مرحبا بالعالم", "ar"),
        ("שלום עולם", "he"),
        ("Der Vertrag ist mit dem Arbeitgeber und nicht mit der Firma", "other"),
        ("Le contrat est signé dans les bureaux de la société", "other"),
        ("", "other"),
        ("2024-05-01 12.5%", "other"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert detect(text) == language
