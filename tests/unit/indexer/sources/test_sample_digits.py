"""The sample project: complete, as described, the same at every call."""

import json
from collections import Counter
from hashlib import blake2b

import pytest
from sklearn.datasets import load_digits

from indexer.errors import SourceUnavailableError
from indexer.images.crops import cut_crop, decode_image
from indexer.sources.sample_digits import write_sample_project
from indexer.sources.supervisely_files import SuperviselyFilesSource


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return write_sample_project(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def objects(project):
    """(dataset, image name, object key) -> object, of the whole project."""
    source = SuperviselyFilesSource.open(project)
    return {
        (image.dataset, image.name, found.key): found
        for image in source.list_images()
        for found in source.read_objects(image)
    }


def hash_files(folder):
    return {
        str(path.relative_to(folder)): blake2b(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_write_sample_project__two_datasets_sixty_scans_ten_classes(project, objects):
    source = SuperviselyFilesSource.open(project)

    assert (source.project, source.dataset_names()) == ("digits", ["scans", "scans/archive"])
    assert source.count_images() == 60
    assert len(objects) == 1797
    assert Counter(image for _, image, _ in objects).most_common()[-1][1] == 1797 - 59 * 30
    assert {found.class_name for found in objects.values()} == set("0123456789")


def test_write_sample_project__flipped_labels_are_exactly_those_listed(project, objects):
    flipped = json.loads((project.parent / "flipped.json").read_text())
    listed = {(one["dataset"], one["image_name"], one["object_key"]): (one["given"], one["true"]) for one in flipped}
    truth = [str(digit) for digit in load_digits().target]
    wrong = {
        place: (found.class_name, truth[int(found.key) - 1])
        for place, found in objects.items()
        if found.class_name != truth[int(found.key) - 1]
    }

    assert len(flipped) == 54
    assert listed == wrong


def test_write_sample_project__boxes_hold_the_ink(project):
    source = SuperviselyFilesSource.open(project)
    image = next(source.list_images())
    pixels = decode_image(source.read_bytes(image), size_hw=source.describe(image).size_hw)
    outside = pixels.copy()
    for found in source.read_objects(image):
        assert cut_crop(pixels, found.box).min() < 60
        cut_crop(outside, found.box)[:] = 255

    assert outside.min() > 200


def test_write_sample_project__the_same_bytes_at_every_call(project, tmp_path):
    seen = []
    write_sample_project(tmp_path, on_progress=lambda *progress: seen.append(progress))

    assert hash_files(tmp_path) == hash_files(project.parent)
    assert [done for _, done, _ in seen] == list(range(1, 61))
    assert {(stage, total) for stage, _, total in seen} == {("writing the sample project", 60)}


def test_write_sample_project__a_complete_one_is_left_alone(project):
    marker = project / "marker"
    marker.touch()

    assert write_sample_project(project.parent) == project
    assert marker.exists()
    marker.unlink()


def test_write_sample_project__a_killed_one_is_written_anew(tmp_path, monkeypatch):
    class KilledError(Exception):
        pass

    def kill(stage, done, total):
        raise KilledError

    with pytest.raises(KilledError):
        write_sample_project(tmp_path, on_progress=kill)
    assert not (tmp_path / "digits").exists()

    project = write_sample_project(tmp_path)
    assert SuperviselyFilesSource.open(project).count_images() == 60
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits", "flipped.json"]


def test_write_sample_project__unwritable_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SourceUnavailableError, match=r"cannot write the sample project into .*file: Not a directory"):
        write_sample_project(tmp_path / "file")
