"""Seconds from `manage.py serve` to the first page, and memory, idle and after the demo is in.

    python -m benchmarks.startup

(`make run` on a fresh machine adds the installation of the requirements.)
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.product import Product, running

SETTLE_SECONDS = 8


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="askive-start-") as folder:
        with running(demo=True, data_dir=Path(folder)) as product:
            started = time.monotonic()
            print(f"first start: first page after {product.seconds_to_first_page:.1f} s")
            product.wait_until_idle()
            print(f"demo cabinet ready {time.monotonic() - started:.1f} s after the first page")
            tell_memory("after the demo", product)
        with running(demo=True, data_dir=Path(folder)) as product:
            print(f"second start: first page after {product.seconds_to_first_page:.1f} s")
            time.sleep(SETTLE_SECONDS)
            tell_memory("idle", product)


def tell_memory(when: str, product: Product) -> None:
    sizes = product.memory_mb()
    print(
        f"memory {when}: {sum(sizes.values()):.0f} MB unique in {len(sizes)} processes {[round(size) for size in sizes.values()]}"
    )


if __name__ == "__main__":
    main()
