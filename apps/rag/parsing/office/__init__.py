"""Word, Excel and PowerPoint files of the Open XML kind."""
