"""Made material for liveness: portraits turned in space as heads, and as pictures of heads.

A face mesh (MediaPipe's, run by OpenVINO) gives a portrait depth. A mesh that is continued outwards
to hair and neck and turned is a head that turns; the same portrait as a plane, bent or cut out, is
an attack. Everything is drawn with the portrait's own pixels, other light and a camera's noise. The
pictures are made when they are needed and kept nowhere.

    npm pack @mediapipe/face_mesh@0.4.1657299874
    python -m benchmarks.liveness --mesh mediapipe-face_mesh-0.4.1657299874.tgz --faces FOLDER
"""

from __future__ import annotations

import hashlib
import tarfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import openvino as ov

MESH_FILE = "package/face_mesh_solution_packed_assets.data"
MESH_BYTES = slice(2495952, 3737848)
MESH_SHA256 = "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1"
MESH_SIDE = 192
MESH_SCALE = 1.5
"""The network wants the face in the middle of a square so many times its box."""
SIDE = 320
"""Pixels of a made portrait; the face takes a good third of it."""
FOCAL = 2.2 * SIDE
"""Of the made camera: a phone at arm's length."""


class Mesh:
    """The face mesh of MediaPipe."""

    def __init__(self, package: Path) -> None:
        """Read the network out of npm's package. Raises `ValueError` where it is another."""
        with tarfile.open(package) as archive:
            member = archive.extractfile(MESH_FILE)
            assert member is not None
            data = member.read()[MESH_BYTES]
        if hashlib.sha256(data).hexdigest() != MESH_SHA256:
            raise ValueError(f"{package} does not hold the face mesh that is expected")
        file = package.with_suffix(".tflite")
        file.write_bytes(data)
        self._network = ov.Core().compile_model(str(file), "CPU")

    def points(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """(468, 3) float: x, y in pixels of the picture (h, w, 3) RGB, z in the same unit."""
        middle = (box[:2] + box[2:]) / 2
        side = MESH_SCALE * float(max(box[2:] - box[:2]))
        scale = MESH_SIDE / side
        move = np.array(
            [
                [scale, 0, MESH_SIDE / 2 - scale * middle[0]],
                [0, scale, MESH_SIDE / 2 - scale * middle[1]],
            ]
        )
        small = cv2.warpAffine(image, move, (MESH_SIDE, MESH_SIDE), flags=cv2.INTER_AREA)
        out = self._network([small[None].astype(np.float32) / 255])
        points = np.asarray(out[0]).reshape(468, 3) / scale
        points[:, :2] += middle - side / 2
        return points


@dataclass(frozen=True)
class Head:
    """A portrait with depth."""

    picture: np.ndarray
    """(SIDE, SIDE, 3) uint8 RGB."""
    points: np.ndarray
    """(n, 3): x, y in pixels of the picture, z towards the back."""
    triangles: np.ndarray
    """(m, 3) indices."""
    box: np.ndarray


def portrait(image: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A square cut with the face in its middle, and the box in it."""
    middle = (box[:2] + box[2:]) / 2
    scale = SIDE * 0.42 / float(max(box[2:] - box[:2]))
    move = np.array(
        [[scale, 0, SIDE / 2 - scale * middle[0]], [0, scale, SIDE / 2 - scale * middle[1]]]
    )
    cut = cv2.warpAffine(
        image, move, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return cut, np.concatenate([scale * (box[:2] - middle), scale * (box[2:] - middle)]) + SIDE / 2


def head_of(mesh: Mesh, image: np.ndarray, box: np.ndarray) -> Head:
    """The portrait's head: the mesh, rings of hair and neck further back, and what is behind."""
    picture, box = portrait(image, box)
    face = mesh.points(picture, box)
    face[:, 2] -= face[:, 2].min()
    centre = face[:, :2].mean(0)
    radius = (face[:, :2].max(0) - face[:, :2].min(0)) / 2
    hull = cv2.convexHull(face[:, :2].astype(np.float32)).reshape(-1, 2)
    depth = float(radius.mean())
    rings = []
    for grown, back in ((1.18, 1.15), (1.4, 1.7)):
        ring = centre + grown * (hull - centre)
        rings.append(np.column_stack([ring, np.full(len(ring), back * depth)]))
    edge = np.linspace(0, SIDE - 1, 9)
    frame = np.array(
        [(x, y) for x in edge for y in edge if x in (0, SIDE - 1) or y in (0, SIDE - 1)]
    )
    rings.append(np.column_stack([frame, np.full(len(frame), 2.2 * depth)]))
    points = np.concatenate([face, *rings])
    points[:, :2] = points[:, :2].clip(0, SIDE - 1)
    return Head(picture, points, _triangles(points[:, :2]), box)


def _triangles(points: np.ndarray) -> np.ndarray:
    """Delaunay's triangulation, as indices."""
    plan = cv2.Subdiv2D((-2, -2, SIDE + 4, SIDE + 4))
    known: dict[tuple[float, float], int] = {}
    for index, point in enumerate(np.asarray(points, np.float32)):
        spot = (float(point[0]), float(point[1]))
        if spot not in known:
            known[spot] = index
            plan.insert(spot)
    found = []
    for corners in np.asarray(plan.getTriangleList()).reshape(-1, 3, 2).tolist():
        indices = [known.get((x, y)) for x, y in corners]
        if None not in indices:
            found.append(indices)
    return np.array(found)


def rotation(yaw: float, pitch: float = 0, roll: float = 0) -> np.ndarray:
    """(3, 3) of angles in degrees; a positive yaw turns the nose to the right of the picture."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def seen(points: np.ndarray, turn: np.ndarray, shift: np.ndarray, near: float = 1.0) -> np.ndarray:
    """Where points are seen after a turn about a point inside the head: x, y and depth (n, 3).

    `near`: how much larger than at arm's length.
    """
    pivot = np.array([SIDE / 2, SIDE / 2, 0.25 * SIDE])
    moved = (points - pivot) @ turn.T
    distance = FOCAL / near
    scale = FOCAL / (distance + moved[:, 2:])
    plane = SIDE / 2 + moved[:, :2] * scale + shift
    return np.column_stack([plane, moved[:, 2]])


def drawn(head: Head, turn: np.ndarray, shift: np.ndarray, near: float = 1.0) -> np.ndarray:
    """The head, turned: far triangles first, those that show their back left out."""
    target = seen(head.points, turn, shift, near)
    corners, old = target[head.triangles], head.points[head.triangles][:, :, :2]
    order = np.argsort(-corners[:, :, 2].mean(1))
    spots, homes = corners[order][:, :, :2], old[order]
    front = _areas(spots) * _areas(homes) > 0
    where = source_of(spots[front], homes[front])
    shown = cv2.remap(head.picture, where[..., 0], where[..., 1], cv2.INTER_LINEAR)
    empty = where[..., 0] < 0
    shown[empty] = cv2.blur(head.picture, (61, 61))[empty]
    return shown


def source_of(spots: np.ndarray, homes: np.ndarray) -> np.ndarray:
    """For each pixel, where it comes from, (SIDE, SIDE, 2) float32; -1: from nowhere.

    Args:
        spots: (n, 3, 2) corners of triangles as they are seen, those that hide others last.
        homes: (n, 3, 2) the same corners where they come from.
    """
    which = np.full((SIDE, SIDE), -1, np.int32)
    for index, spot in enumerate((spots * 16).round().astype(np.int32)):
        cv2.fillConvexPoly(which, spot, index, cv2.LINE_8, 4)
    ones = np.ones((len(spots), 3, 1))
    affine = np.linalg.solve(np.concatenate([spots, ones], 2), homes)
    y, x = np.nonzero(which >= 0)
    of = affine[which[y, x]]
    where = np.full((SIDE, SIDE, 2), -1, np.float32)
    where[y, x] = x[:, None] * of[:, 0] + y[:, None] * of[:, 1] + of[:, 2]
    return where


def _areas(corners: np.ndarray) -> np.ndarray:
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
