"""A folder is made once, however many programs of a stack ask for it at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from config.local import places


def test_several_that_make_the_same_folder_at_once_all_get_it_closed_to_others(tmp_path: Path) -> None:
    for number in range(50):
        folder, together = tmp_path / str(number) / "log", Barrier(4)

        def make(folder: Path = folder, together: Barrier = together) -> Path:
            together.wait()
            return places.make(folder)

        with ThreadPoolExecutor(4) as pool:
            assert {done.result() for done in [pool.submit(make) for _ in range(4)]} == {folder}
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_in_the_way_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    with pytest.raises(FileExistsError):
        places.make(tmp_path / "log")
