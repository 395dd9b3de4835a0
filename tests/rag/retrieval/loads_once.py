"""Stands for a library that takes long to load: it knows who loaded it."""

import os

LOADED_BY = os.getpid()
