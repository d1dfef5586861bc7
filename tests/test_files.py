"""Atomic writing: all or nothing, permissions kept, errors that name the target."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from srcdiff import files
from srcdiff.files import write_atomically


def test_writes_utf8_with_plain_line_ends(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b.py", "größe = 1\n")
    assert (tmp_path / "a" / "b.py").read_bytes() == "größe = 1\n".encode()
    assert os.listdir(tmp_path / "a") == ["b.py"]


def test_new_files_follow_the_umask_and_old_ones_keep_their_permissions(tmp_path: Path) -> None:
    target = tmp_path / "f.py"
    before = os.umask(0o027)
    try:
        write_atomically(target, "a\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    target.chmod(0o604)
    write_atomically(target, "b\n")
    assert stat.S_IMODE(target.stat().st_mode) == 0o604


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("old\n")
    (tmp_path / "link.py").symlink_to("real.py")
    write_atomically(tmp_path / "link.py", "new\n")
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "real.py").read_text() == "new\n"


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_failure_leaves_the_old_text_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    target = tmp_path / "f.py"
    target.write_text("old\n")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, step, fail)
    with pytest.raises(OSError, match="cannot write .*f.py: No space left on device"):
        write_atomically(target, "new\n")
    monkeypatch.undo()
    assert target.read_text() == "old\n"
    assert os.listdir(tmp_path) == ["f.py"]


def test_an_interruption_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "f.py", "new\n")
    monkeypatch.undo()
    assert os.listdir(tmp_path) == []


def test_unwritable_targets_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="cannot write .*file/f.py: "):
        write_atomically(tmp_path / "file" / "f.py", "x\n")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_atomically(tmp_path, "x\n")


def test_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    write_atomically(tmp_path / "f.png", b"\x89PNG\r\n")
    assert (tmp_path / "f.png").read_bytes() == b"\x89PNG\r\n"


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotADirectoryError, match="cannot write .*new/f.py: file is no folder"):
        write_atomically(tmp_path / "file" / "new" / "f.py", "y")


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="cannot write .*pipe: it is no regular file"):
        write_atomically(tmp_path / "pipe", "text")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode) and os.listdir(tmp_path) == ["pipe"]
