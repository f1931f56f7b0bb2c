"""The teacher's camera: names over faces, the list that fills, and a stranger without a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
from playwright.sync_api import expect

from facerecog import Recognizer
from tests import classroom
from tests.attendance.school import course_of, enrol
from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
    until,
)
from tests.conftest import Person

PEOPLE = ("obama", "biden", "grace_hopper")
FILM = f"class:{'+'.join(PEOPLE)}+astronaut"


def class_of(site: Site) -> tuple[Person, dict[str, Any]]:
    """A class that agreed to the camera, in a session that is open."""
    api = site.api
    teacher = api.teacher()
    course = course_of(api, teacher)
    for who in PEOPLE:
        student = api.student(who, name=who.title())
        enrol(api, teacher, course, student)
        api.call("PATCH", "/student/me", student, json={"camera_consent": True})
    return teacher, api.session(teacher, course_id=course["id"])


def test_a_class_is_asked_about_decided_and_marked(visitors: Visitors, site: Site) -> None:
    teacher, session = class_of(site)
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, face=FILM, phone=False)
    screen = visitors.open(f"/teach/sessions/{session['id']}/screen", by=teacher, phone=False)
    expect(screen.get_by_text("A camera recognises")).to_be_hidden()
    page.get_by_label("A camera in the session").select_option("suggest")
    expect(page.get_by_text("It can recognise 3 students")).to_be_visible()
    expect(screen.get_by_text("A camera recognises")).to_be_visible()
    start = page.get_by_role("button", name="Start this device’s camera")
    start.scroll_into_view_if_needed()
    before = start.bounding_box()
    assert before is not None
    page.mouse.click(before["x"] + 20, before["y"] + before["height"] / 2)
    stage = page.locator("#camera-stage")
    expect(stage).to_be_visible()
    room = stage.bounding_box()
    expect(stage).to_have_attribute("data-known", "3", timeout=90_000)
    expect(stage).to_have_attribute("data-faces", "4")
    assert stage.bounding_box() == room  # as high before the picture was there
    stop = page.get_by_role("button", name="Stop the camera").bounding_box()
    assert stop is not None
    assert (stop["x"], stop["y"]) == (before["x"], before["y"])
    queue = page.locator("#sightings > li")
    expect(queue).to_have_count(3)
    require_accessible(page)
    require_no_sideways_scrolling(page)
    page.get_by_role("button", name="Full screen").click()
    expect(page.locator("#camera-stage:fullscreen")).to_be_visible()
    page.evaluate("document.exitFullscreen()")
    assert {row["method"] for row in site.marks(session, teacher)} <= {None}
    page.get_by_role("button", name="Obama", exact=True).click()
    expect(queue).to_have_count(2)
    until(page, lambda: [row["name"] for row in site.marks(session, teacher)] == ["Obama"])
    page.get_by_role("button", name="Undo").click()
    expect(queue).to_have_count(3)
    assert site.marks(session, teacher) == []
    page.get_by_role("button", name="Nobody of these: Biden").click()
    expect(queue).to_have_count(2)
    page.get_by_label("A camera in the session").select_option("mark")
    until(page, lambda: len(site.marks(session, teacher)) >= 2)
    assert {row["method"] for row in site.marks(session, teacher)} == {"camera"}
    # the line breaks: the camera waits, and goes on by itself
    counts = page.locator("#camera-counts")
    page.context.set_offline(True)
    expect(counts).to_contain_text("the camera waits", timeout=60_000)
    page.context.set_offline(False)
    expect(counts).to_contain_text("4 faces, 3 recognised", timeout=90_000)
    page.get_by_role("button", name="Stop the camera").click()
    expect(stage).to_be_hidden()
    assert page.evaluate("document.querySelector('#camera-video').srcObject") is None


def test_a_photograph_of_the_class_is_put_right_and_marked(
    visitors: Visitors, site: Site, recognizer: Recognizer, tmp_path: Path
) -> None:
    teacher, session = class_of(site)
    photograph = tmp_path / "class.jpg"
    people = classroom.seats([*PEOPLE, "astronaut"])
    cv2.imwrite(str(photograph), classroom.picture(recognizer, people, 1))
    page = visitors.open(f"/teach/sessions/{session['id']}/photograph", by=teacher)
    page.locator("#files").set_input_files([photograph])
    expect(page.get_by_text("4 faces, 3 recognised")).to_be_visible()
    require_accessible(page)
    require_no_sideways_scrolling(page)
    page.get_by_role("button", name="Biden").click()
    page.get_by_label("Student number").fill("")
    page.get_by_role("button", name="Take over").click()
    page.get_by_role("button", name="Mark these 2").click()
    expect(page.get_by_text("2 students were marked.")).to_be_visible()
    names = {row["name"] for row in site.marks(session, teacher)}
    assert names == {"Obama", "Grace_Hopper"}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The marks were taken back.")).to_be_visible()
    assert site.marks(session, teacher) == []


def test_names_stay_within_the_picture_and_do_not_cover_each_other(
    visitors: Visitors, site: Site
) -> None:
    teacher, session = class_of(site)
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    places, said = page.evaluate("""async () => {
        const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
        const feed = await import(loaded.find((name) => name.includes("camera_feed")));
        const boxes = [[10, 10, 60, 60], [590, 10, 630, 60], [580, 430, 638, 475], [2, 1, 30, 479]];
        const said = [];
        CanvasRenderingContext2D.prototype.fillText = (text) => said.push(text);
        const face = (x, name, state = "known") => ({ box: [x, 0.4, x + 0.05, 0.5], state, name });
        const video = { clientWidth: 640, clientHeight: 360, videoWidth: 1280, videoHeight: 720 };
        feed.drawBoxes(document.querySelector("#camera-boxes"), video, [
            face(0.1, "Ada Lovelace"), face(0.15, "Grace Hopper"), face(0.6, "Alan Turing"),
            face(0.8, undefined, "unknown"), face(0.9, undefined, "uncertain"),
        ]);
        return [boxes.map((box) => feed.placeOfName(box, 120, [640, 480])), said];
    }""")
    assert places == [[10, 60], [510, 60], [518, 410], [2, 0]]
    assert said == ["AL", "GH", "Alan Turing", "?"]
