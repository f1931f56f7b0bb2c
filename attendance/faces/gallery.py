"""The school's faces: enrolment, deletion, and the index that marks are judged by.

Templates are decrypted once, when they enter the index of the process. Before each judgement the
index catches up with the changes that other processes have committed, so a deleted template is
gone everywhere with the next mark.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from attendance.core.errors import (
    FACE_STATUS,
    ConsentRequired,
    ConsentWithdrawn,
    FacesDiffer,
    FaceTaken,
    Problem,
    from_face_error,
)
from attendance.core.settings import Settings
from attendance.crypto.vault import Vault, of_proposals, of_templates
from attendance.faces import minors
from attendance.faces.index import Index, Own, Template
from attendance.faces.photos import PhotoStore
from attendance.faces.thresholds import Thresholds
from database import (
    Database,
    Row,
    Transaction,
    face_pairs,
    faces,
    proposals,
    student_changes,
    used_pictures,
)
from facerecog import (
    Alike,
    Asking,
    Face,
    FaceRecogError,
    FaceResult,
    Frame,
    Match,
    Recognizer,
    RecognizerBusy,
    Wanted,
    alike,
    apart,
    combined,
)
from facerecog.models import weighed

log = logging.getLogger(__name__)

TEMPLATE_DTYPE = "<f4"
UNPROCESSABLE = 422
# Galleries of sessions whose cameras look at once.
KEPT_PARTS = 16


class Faces:
    """Enrols, deletes and compares. Safe for all threads of a process."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        vault: Vault,
        load: Callable[[], Recognizer | Asking],
    ) -> None:
        """`load` makes the recognizer when it is first needed: most commands never do."""
        self.settings = settings
        self._load = load
        self._recognizer: Recognizer | Asking | None = None
        self._told: dict[str, Any] | None = None
        self.photos = PhotoStore(settings.uploads_dir, vault)
        self._database = database
        self._vault = vault
        self._index: Index | None = None
        self._version: int | None = None
        self._parts: dict[frozenset[int], tuple[int | None, Index]] = {}
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        # told how many seconds each photograph took
        self.observe: Callable[[float], object] = lambda _seconds: None

    @property
    def recognizer(self) -> Recognizer | Asking:
        """The networks. Raises `ModelsMissing`, `PlatformUnsupported` or `RecognizerRefused`."""
        with self._loading:
            if self._recognizer is None:
                self._recognizer = self._load()
            return self._recognizer

    @property
    def index(self) -> Index:
        """Who has which templates; loads the networks, which say what they are compared with."""
        if self._index is None:
            self._index = Index(self.model, self._precision)
        return self._index

    @property
    def model(self) -> str:
        """What templates that are made now are called."""
        return str(self._info["model"])

    @property
    def thresholds(self) -> Thresholds:
        """The distances that decide, by the settings of this moment."""
        return Thresholds(self.settings, self.model, self._precision)

    @property
    def _precision(self) -> str:
        return str(self._info["precision"])

    @property
    def _info(self) -> dict[str, Any]:
        """What is in use. Asked once: it is the same after the networks' process started again."""
        if self._told is None:
            self._told = self.recognizer.info
        return self._told

    def warm_up(self) -> None:
        """Load the networks and fill the index, so that the first request does not wait.

        Networks on another host may be away: then the first mark that reaches them fills it.
        """
        _ = self.recognizer
        try:
            self.refresh()
        except RecognizerBusy as away:
            log.warning("the index of the faces is filled later: %s", away)

    def analyse(self, data: bytes) -> FaceResult:
        """The one dominating face of a picture. Raises what `Recognizer.analyse` raises."""
        began = time.perf_counter()
        try:
            return self.recognizer.analyse(data)
        finally:
            self.observe(time.perf_counter() - began)

    def for_template(self, data: bytes) -> FaceResult:
        """The same for enrolment. Raises what `Recognizer.enrol` raises."""
        began = time.perf_counter()
        try:
            return self.recognizer.enrol(data)
        finally:
            self.observe(time.perf_counter() - began)

    def analyse_together(self, pictures: list[bytes]) -> FaceResult:
        """One face out of one to five pictures of one moment; of one picture as `analyse`.

        A picture in which no face can be judged is left out while another has one.

        Raises:
            Problem: what `analyse` says of the first picture when there is none to judge by, or of
                one that cannot be read at all; `image` tells which picture (from 1).
            FacesDiffer: the pictures show different people.
        """
        found: list[tuple[int, FaceResult]] = []
        refused: list[Problem] = []
        for number, picture in enumerate(pictures, start=1):
            try:
                found.append((number, self.analyse(picture)))
            except FaceRecogError as error:
                which = {"image": number} if len(pictures) > 1 else {}
                problem = from_face_error(error, **which)
                if FACE_STATUS.get(error.code) != UNPROCESSABLE:
                    raise problem from error
                refused.append(problem)
        if not found:
            raise refused[0]
        self.require_one_person(found)
        return combined([face for _, face in found])

    def find(self, data: bytes) -> Face:
        """The same without its embedding. Raises what `Recognizer.find` raises."""
        return self.recognizer.find(data)

    def look(self, data: bytes, wanted: Wanted) -> Frame:
        """All faces of a frame. Raises what `Recognizer.look` raises."""
        return self.recognizer.look(data, wanted)

    def among(self, students: Collection[int]) -> Index:
        """An index of these students only, as of the last `refresh`; kept until it changes."""
        wanted = frozenset(students)
        with self._lock:
            version = self._version
            kept = self._parts.get(wanted)
            if kept is not None and kept[0] == version:
                return kept[1]
            part = self.index.among(wanted)
            self._parts[wanted] = (version, part)
            while len(self._parts) > KEPT_PARTS:
                self._parts.pop(next(iter(self._parts)))
            return part

    def study(self, pictures: list[bytes], *, all_of_them: bool) -> list[FaceResult]:
        """The face of each picture, with what the picture tells besides.

        Args:
            pictures: one to five of one person.
            all_of_them: each must show a face; else those without are left out.

        Raises:
            Problem: a face error, with `image` telling which picture (from 1).
            FacesDiffer: the pictures show different people.
        """
        found: list[tuple[int, FaceResult]] = []
        refused: Problem | None = None
        for number, picture in enumerate(pictures, start=1):
            began = time.perf_counter()
            try:
                found.append((number, self.recognizer.study(picture)))
            except FaceRecogError as error:
                refused = from_face_error(error, image=number)
                if all_of_them or refused.status != UNPROCESSABLE:
                    raise refused from error
            finally:
                self.observe(time.perf_counter() - began)
        if not found:
            assert refused is not None
            raise refused
        self.require_one_person(found)
        return [face for _, face in found]

    def queue_depth(self) -> int:
        """How many photographs are judged or wait for it now."""
        return 0 if self._recognizer is None else self._recognizer.queue_depth

    def refresh(self) -> None:
        """Catch up with every committed enrolment and deletion."""
        with self._database.read() as tx:
            self.catch_up(tx)

    def is_enrolled(self, student: int) -> bool:
        """Whether the student has templates (as of the last `refresh`)."""
        return student in self.index

    def compare(
        self,
        student: int,
        probe: np.ndarray,
        among: list[int] | None,
        partners: Collection[int] = (),
    ) -> Own:
        """Distance of the probe to the student and to the nearest other.

        Args:
            student: who claims the probe.
            probe: (size,) float32, unit length.
            among: the others who count; None: the whole school.
            partners: with whom the student makes an allowed pair; they are no others.
        """
        return self.index.own(student, probe, among, partners)

    def compare_proposed(
        self,
        student: int,
        rows: list[Row],
        probe: np.ndarray,
        among: list[int] | None,
        partners: Collection[int] = (),
    ) -> Own | None:
        """As `compare`, with the templates that a student without any has proposed.

        None: there are none, or of other networks than those of the probe.
        """
        waiting = Index(self.model, self._precision)
        waiting.set(student, [self._decrypted(row) for row in rows if row["model"] == self.model])
        if student not in waiting:
            return None
        own = waiting.own(student, probe, [])
        others = self.compare(student, probe, among, partners)
        return replace(
            own, nearest_other=others.nearest_other, nearest_partner=others.nearest_partner
        )

    def look_alikes(self) -> list[Alike]:
        """Every two students who are nearer than the level of a mark allows, the nearest first.

        Of templates of one model; those of an earlier one count with each other until they move.
        """
        found = [
            pair
            for model, templates in self.index.by_model().items()
            for pair in alike(templates, self.thresholds.own(model))
        ]
        return sorted(found, key=lambda pair: pair.distance)

    def agrees(self, own: Own, settings: Settings) -> bool:
        """Whether the probe is near enough to be the student's own."""
        return own.distance <= Thresholds(settings, self.model, self._precision).own(own.model)

    def reported(self, distance: float) -> float:
        """A Euclidean distance in the metric of the setting (on unit vectors cosine is d² / 2)."""
        return round(distance if self.settings.face_metric == "euclidean" else distance**2 / 2, 4)

    def nearest(self, probe: np.ndarray, count: int, among: Index | None = None) -> list[Match]:
        """So many of the nearest people, however far they are. `among`: as `identify` has it."""
        index = self.index if among is None else among
        return index.search(probe, k=count).matches

    def identify(self, probe: np.ndarray, among: Index | None = None) -> Match | None:
        """Who this is, or None: not near enough, or not clearly nearer than the second.

        `among`: who is searched; None: the whole school.
        """
        index = self.index if among is None else among
        found = index.search(probe, k=2)
        if not found.matches:
            return None
        nearest, *others = found.matches
        second = others[0].distance if others else None
        named = self.thresholds.names(
            found.model, nearest.distance, second, index.templates, index.people
        )
        return nearest if named else None

    def examine(self, pictures: list[bytes], *, consent: bool | None) -> list[FaceResult]:
        """The faces of the pictures of one person, before anything is stored."""
        if consent is False:
            raise ConsentRequired
        results = []
        for number, picture in enumerate(pictures, start=1):
            try:
                results.append(self.for_template(picture))
            except FaceRecogError as error:
                raise from_face_error(error, image=number) from error
        self.require_one_person(list(enumerate(results, start=1)))
        return results

    def require_one_person(self, numbered: list[tuple[int, FaceResult]]) -> None:
        """Raises `FacesDiffer` if the faces are too far from each other to be one person's.

        Args:
            numbered: the faces, each with the number of its picture.
        """
        faces = [face for _, face in numbered]
        place = apart(faces, self.thresholds.same(self.model))
        if place is not None:
            raise FacesDiffer(image=numbered[place][0])

    def store(
        self,
        tx: Transaction,
        student: int,
        pictures: list[bytes],
        results: list[FaceResult],
        *,
        now: datetime,
        by_student: bool = False,
    ) -> list[str]:
        """Write examined faces as the student's templates; at most once in a transaction.

        Returns the names of photographs to `photos.discard` after the commit.

        Raises:
            FaceTaken: the face is another student's.
            ConsentWithdrawn: the student took the consent back, and this is not `by_student`.
        """
        # From here on nobody else can change faces: two students who enrol the same face at once
        # take turns, and the second is refused.
        version = faces.lock(tx)
        if not by_student and student_changes.has_withdrawn(tx, student):
            raise ConsentWithdrawn
        minors.require_consent(tx, student)
        self.catch_up(tx)
        self.require_free(tx, student, results)
        return self.put(tx, student, pictures, results, version=version, now=now)

    def require_free(self, tx: Transaction, student: int, results: list[FaceResult]) -> None:
        """Raises `FaceTaken` if one of the faces is another student's. The index must be fresh."""
        self._require_free(tx, student, [result.embedding for result in results])

    def put(
        self,
        tx: Transaction,
        student: int,
        pictures: list[bytes],
        results: list[FaceResult],
        *,
        version: int,
        now: datetime,
    ) -> list[str]:
        """Write faces that are free as the student's templates, with the version of `faces.lock`.

        Returns the names of photographs to `photos.discard` after the commit.
        """
        templates = []
        for result, picture in zip(results, pictures, strict=True):
            photo = self.photos.keep(student, picture) if self.settings.keep_photos else None
            if photo is not None:
                tx.on_rollback(partial(self.photos.discard, [photo]))
            templates.append(self.encrypted(student, result, photo))
        obsolete = faces.replace(tx, student, templates, version=version, now=now)
        student_changes.record_consent(tx, student, now)
        prints = [result.signs.fingerprint for result in results if result.signs is not None]
        used_pictures.add(tx, student, prints, now)
        return obsolete

    def proposed(
        self,
        student: int,
        results: list[FaceResult],
        distance: float | None,
        picture: bytes | None,
    ) -> list[proposals.Proposed]:
        """Faces as rows that wait for a decision. No photograph is kept of them but a small picture
        of the first, for whoever decides."""
        made = [
            proposals.Proposed(
                self.encrypted(student, result, None),
                None if result.signs is None else result.signs.fingerprint,
                distance,
            )
            for result in results
        ]
        if picture is not None:
            _, data = self._vault.encrypt(picture, owner=of_proposals(student))
            made[0] = replace(made[0], picture=data)
        return made

    def accept(
        self, tx: Transaction, student: int, rows: list[Row], *, version: int, now: datetime
    ) -> list[str]:
        """Make proposed rows the student's templates; returns as `put`.

        Raises:
            FaceTaken, GuardianConsentMissing
        """
        minors.require_consent(tx, student)
        own = [self._decrypted(row) for row in rows]
        self._require_free(
            tx, student, [each.embedding for each in own if each.model == self.model]
        )
        templates = [
            faces.NewTemplate(row["key_id"], row["data"], row["model"], row["quality"], None)
            for row in rows
        ]
        obsolete = faces.replace(tx, student, templates, version=version, now=now)
        student_changes.record_consent(tx, student, now)
        prints = [str(row["fingerprint"]) for row in rows if row["fingerprint"]]
        used_pictures.add(tx, student, prints, now)
        return obsolete

    def _require_free(self, tx: Transaction, student: int, embeddings: list[np.ndarray]) -> None:
        known = {student, *face_pairs.partners_of(tx, student)}
        for embedding in embeddings:
            found = self.index.search(embedding, k=1 + len(known))
            near = self.thresholds.taken(found.model, self.index.templates)
            for match in found.matches:
                if match.key not in known and match.distance <= near:
                    raise FaceTaken

    def forget(
        self,
        student: int,
        *,
        now: datetime,
        note: Callable[[Transaction], None] = lambda _tx: None,
    ) -> bool:
        """Delete every template and photograph of the student, and withdraw the consent.

        `note` writes the audit line, in the same transaction. False if there was no template.
        """
        had: set[bool] = set()
        obsolete: set[str] = set()

        def work(tx: Transaction) -> None:
            version = faces.lock(tx)
            had.add(bool(faces.templates_of(tx, student)))
            obsolete.update(faces.replace(tx, student, [], version=version, now=now))
            student_changes.withdraw_consent(tx, student, now)
            used_pictures.forget(tx, student)
            proposals.forget(tx, student)
            if True in had:
                note(tx)

        self._database.run(work, repeatable=True)
        self.photos.discard(obsolete)
        if self._index is not None:
            self.refresh()
        return True in had

    def hand_over(self, tx: Transaction, one: int, into: int, *, now: datetime) -> list[str]:
        """Give the templates of one student, encrypted anew, to another who has none.

        Kept photographs do not go along. Returns the names of those to `photos.discard` after the
        commit. The other student's row may have no templates and no withdrawn consent.
        """
        rows = faces.templates_of(tx, one)
        moved = []
        for row in rows:
            plain = self._vault.decrypt(row["key_id"], row["data"], owner=of_templates(one))
            key_id, data = self._vault.encrypt(plain, owner=of_templates(into))
            moved.append(faces.NewTemplate(key_id, data, row["model"], row["quality"], None))
        obsolete = self.drop(tx, one, now=now)
        faces.replace(tx, into, moved, version=faces.lock(tx), now=now)
        return obsolete

    def drop(self, tx: Transaction, student: int, *, now: datetime) -> list[str]:
        """Delete the student's templates, within a transaction that is open already.

        Returns the names of photographs to `photos.discard` after the commit.
        """
        return faces.replace(tx, student, [], version=faces.lock(tx), now=now)

    def encrypted(self, student: int, result: FaceResult, photo: str | None) -> faces.NewTemplate:
        """A face as a row of the table."""
        plain = result.embedding.astype(TEMPLATE_DTYPE).tobytes()
        key_id, data = self._vault.encrypt(plain, owner=of_templates(student))
        return faces.NewTemplate(
            key_id=key_id,
            data=data,
            model=self.model,
            quality=result.quality.quality,
            photo=photo,
        )

    def catch_up(self, tx: Transaction) -> None:
        """As `refresh`, within a transaction that is open already."""
        with self._lock:
            if self._version is None:
                newest = faces.version(tx)
                rows = faces.all_templates(tx)
                grouped: dict[int, list[Row]] = {}
                for row in rows:
                    grouped.setdefault(int(row["student"]), []).append(row)
                for student, of_student in grouped.items():
                    self.index.set(student, map(self._decrypted, of_student))
                self._version = newest
                return
            changes = faces.changed_since(tx, self._version)
            for student in {int(change["student"]) for change in changes}:
                self.index.set(student, map(self._decrypted, faces.templates_of(tx, student)))
            if changes:
                self._version = int(changes[-1]["version"])

    def _decrypted(self, row: Row) -> Template:
        data, key_id, student = row["data"], row["key_id"], int(row["student"])
        assert isinstance(data, bytes)
        plain = self._vault.decrypt(str(key_id), data, owner=of_templates(student))
        embedding = np.frombuffer(plain, dtype=TEMPLATE_DTYPE).astype(np.float32)
        model = str(row["model"])
        return Template(model, weighed(embedding, model))
