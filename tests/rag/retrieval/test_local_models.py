"""The packaged model in a child process, and what is known of models without loading them."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from apps.rag.embedders.models import PACKAGED, describe
from apps.rag.embedders.process import ProcessEmbedder
from apps.rag.errors import EmbedError, RerankError
from apps.rag.indexing import competent
from apps.rag.rerankers.cross_encoder import CrossEncoderReranker

ROOT = str(Path(__file__).parents[3])


def model_folder(
    path: Path, *, hidden: int = 32, card: str = "", prompts: dict[str, str] | None = None
) -> str:
    path.mkdir(parents=True)
    (path / "config.json").write_text(json.dumps({"hidden_size": hidden}))
    (path / "README.md").write_text(card)
    (path / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts or {}}))
    return str(path)


@pytest.mark.parametrize(
    ("name", "languages", "query"),
    [
        ("bge-m3", {"*"}, ""),
        ("bge-large-zh-v1.5", {"zh"}, "为这个句子"),
        ("bge-small-en-v1.5", {"en"}, "Represent this"),
        ("Qwen3-Embedding-0.6B", {"*"}, "Instruct: "),
        ("multilingual-e5-large", {"*"}, "query: "),
        ("e5-base-v2", {"en"}, "query: "),
        ("paraphrase-multilingual-MiniLM-L12-v2", {"*"}, ""),
        ("all-MiniLM-L6-v2", {"en"}, ""),
    ],
)
def test_known_families_state_languages_and_prefixes(
    tmp_path: Path, name: str, languages: set[str], query: str
) -> None:
    facts = describe(model_folder(tmp_path / name))
    assert facts.languages == languages
    assert facts.query_prefix.startswith(query) and bool(facts.query_prefix) == bool(query)
    assert facts.dimension == 32


def test_prompts_of_the_model_win_over_the_family(tmp_path: Path) -> None:
    facts = describe(
        model_folder(tmp_path / "qwen3-embedding-x", prompts={"query": "Q: ", "document": "D: "})
    )
    assert (facts.query_prefix, facts.document_prefix) == ("Q: ", "D: ")


def test_an_unknown_model_is_asked_for_its_card(tmp_path: Path) -> None:
    card = "---\nlanguage:\n- zh\n- en\nlicense: mit\n---\n"
    assert describe(model_folder(tmp_path / "house-model", card=card)).languages == {"zh", "en"}
    assert describe(model_folder(tmp_path / "other-model")).languages == {"*"}
    assert describe(model_folder(tmp_path / "third"), languages=frozenset({"zh"})).languages == {"zh"}


def test_a_missing_model_is_a_plain_fault_and_nothing_is_downloaded(tmp_path: Path) -> None:
    for missing in ("nobody/nothing-here", str(tmp_path)):
        with pytest.raises(EmbedError) as fault:
            ProcessEmbedder(missing)
        assert not fault.value.retryable
    with pytest.raises(RerankError, match="neither a folder"):
        CrossEncoderReranker("nobody/nothing-here")


def test_the_packaged_model_embeds_without_torch_in_this_process() -> None:
    script = (
        f"import sys; sys.path.insert(0, {ROOT!r})\n"
        "from apps.rag.embedders.process import ProcessEmbedder\n"
        f"embedder = ProcessEmbedder({PACKAGED!r}, query_timeout=60)\n"
        "query = embedder.embed_query('How many days of annual leave do I have?')\n"
        "near, far = embedder.embed_documents(['Employees get fifteen days of leave a year.', 'The printer is on floor 3.'])\n"
        "dot = lambda a, b: sum(x * y for x, y in zip(a, b))\n"
        "heavy = [m for m in ('torch', 'sentence_transformers', 'transformers') if m in sys.modules]\n"
        "print(len(query), embedder.dimension, dot(query, query), dot(query, near) > dot(query, far), heavy)\n"
        "embedder.close()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=180, check=True
    )
    length, dimension, norm, nearer, heavy = run.stdout.split(" ", 4)
    assert (length, dimension, nearer, heavy.strip()) == ("384", "384", "True", "[]")
    assert math.isclose(float(norm), 1.0, abs_tol=1e-4)


def test_competence_is_by_language() -> None:
    embedder = ProcessEmbedder(PACKAGED)
    assert competent(embedder, "en")
    assert not competent(embedder, "zh") and not competent(embedder, None)


def test_the_onnx_backend_without_its_package_is_refused_by_name(tmp_path: Path) -> None:
    if find_spec("optimum") is not None:
        pytest.skip("the package is there")
    with pytest.raises(RerankError, match="optimum-onnx"):
        CrossEncoderReranker(model_folder(tmp_path / "reranker"), backend="onnx")
