"""Parsers that misbehave, run inside the sandbox by its tests."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import time

from apps.rag.parsing import progress
from apps.rag.types import Element, ParsedDocument, SourceFile


def _said(text: str) -> ParsedDocument:
    return ParsedDocument(elements=(Element("paragraph", text),))


class Sleeps:
    def parse(self, source: SourceFile) -> ParsedDocument:
        time.sleep(60)
        return _said("awake")


class Counts:
    """Reads three pages, each long enough to be seen."""

    def parse(self, source: SourceFile) -> ParsedDocument:
        for number in (1, 2, 3):
            time.sleep(0.4)
            progress.step(number, 3)
        return _said("counted")


class Burns:
    def parse(self, source: SourceFile) -> ParsedDocument:
        while True:
            pass


class Hoards:
    def parse(self, source: SourceFile) -> ParsedDocument:
        return _said(str(len(bytearray(4 * 1024**3))))


class Crashes:
    def parse(self, source: SourceFile) -> ParsedDocument:
        ctypes.string_at(0)
        return _said("unhurt")


class Quits:
    def parse(self, source: SourceFile) -> ParsedDocument:
        print("last words", file=sys.stderr, flush=True)
        os._exit(3)


class Floods:
    def parse(self, source: SourceFile) -> ParsedDocument:
        with open("flood", "wb") as file:
            while True:
                file.write(bytes(1024 * 1024))


class Phones:
    """Tells what it could reach."""

    def parse(self, source: SourceFile) -> ParsedDocument:
        found = []
        try:
            socket.create_connection(("127.0.0.1", int(source.title)), timeout=1)
            found.append("connected")
        except OSError as error:
            found.append(type(error).__name__)
        try:
            subprocess.run(["true"], check=True)
            found.append("ran")
        except OSError:
            found.append("no process")
        return _said(" ".join(found))


class Looks:
    """Tells its environment and folder."""

    def parse(self, source: SourceFile) -> ParsedDocument:
        with open("/proc/self/environ", "rb") as file:
            started = file.read().decode()
        return _said(f"{sorted(os.environ)} {started} {os.getcwd()} {sorted(sys.modules)}")
