"""The bounds of a parser child."""

from __future__ import annotations

from dataclasses import dataclass, replace

from apps.rag.parsing.ocr.session import Budget

_MEGABYTE = 1024 * 1024
_SPARED = 0.8  # of the wall time is for recognition: what it leaves out is named, not lost to a kill


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one child. Times in seconds grow with the file: base + per megabyte, up to the
    maximum. Wall time is generous, since children run at the lowest priority."""

    max_bytes: int = 200 * _MEGABYTE
    memory: int = 1536 * _MEGABYTE
    cpu_base: float = 120  # thousands of pages need not weigh more than a few megabytes
    cpu_per_megabyte: float = 60
    cpu_max: float = 1800
    wall_base: float = 180
    wall_per_megabyte: float = 60
    wall_max: float = 2700
    output_bytes: int = 512 * _MEGABYTE
    open_files: int = 256
    queue: float = 900  # waiting for a free child
    ocr_pages: int = 300
    ocr_cpu: float = 2000  # seconds, on top of those above
    convert: float = 180  # seconds of LibreOffice

    def cpu(self, size: int) -> int:
        return max(1, round(min(self.cpu_max, self.cpu_base + self.cpu_per_megabyte * size / _MEGABYTE)))

    def wall(self, size: int) -> float:
        return min(self.wall_max, self.wall_base + self.wall_per_megabyte * size / _MEGABYTE)

    def with_ocr(self) -> Limits:
        """For a child that recognises pages; its processor time may wait twice as long for its turn."""
        return replace(
            self,
            cpu_base=self.cpu_base + self.ocr_cpu,
            cpu_max=self.cpu_max + self.ocr_cpu,
            wall_base=self.wall_base + 2 * self.ocr_cpu,
        )

    def budget(self, size: int) -> Budget:
        """What recognition may use of such a child."""
        return Budget(self.ocr_pages, self.ocr_cpu, _SPARED * self.wall(size))
