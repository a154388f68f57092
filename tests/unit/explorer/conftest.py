"""A small api with known answers, spoken to over HTTP as the real one is."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse

from lookalike.class_colors import CLASS_COLORS
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.wire import maps, reviews
from lookalike.wire.base import CountedName, Problem, complete_requests
from lookalike.wire.collections import CollectionInfo
from lookalike.wire.maps import MapRow, ProjectionInfo, ProjectRequest, RowOfPoint, RowsRequest
from lookalike.wire.points import PointModel
from lookalike.wire.reviews import ReviewModel, ReviewPage, ReviewRequest, UndoneReview, UndoRequest
from lookalike.wire.runs import RunInfo
from tests.unit.explorer.components import CAT

for module in (maps, reviews):
    complete_requests(module)  # the routes below take them

POINT = PointModel(
    id=CAT,
    class_name="cat",
    dataset="pets/indoor",
    image_name="sofa.jpg",
    object_key="7",
    box=[10, 20, 50, 80],
    payload={"class_name": "cat", "image_name": "sofa.jpg", "box": [10, 20, 50, 80]},
)
COLLECTION = CollectionInfo(
    name="pets",
    embedder="timm:tf_efficientnet_lite0",
    dimension=1280,
    crops="padding=0px min=1px",
    revision="1",
    review_revision="r0",
    n_points=3,
    n_images=1,
    class_colors={"cat": CLASS_COLORS[0], "dog": CLASS_COLORS[1]},
    classes=[CountedName(name="cat", count=2), CountedName(name="dog", count=1)],
    datasets=[CountedName(name="pets/outdoor", count=1), CountedName(name="pets/indoor", count=2)],
)
PROJECTION = ProjectionInfo(
    id="m1",
    method="umap",
    requested_method="umap",
    metric="cosine",
    n_points=3,
    created_at=datetime(2026, 1, 5, tzinfo=UTC),
    note=None,
    is_current=True,
    classes=[CountedName(name="dog", count=2), CountedName(name="cat", count=1)],
    version="v7",
    has_scores=True,
)
RUN = RunInfo(
    id="r1",
    kind="project",
    collection="pets",
    state="running",
    stage="layout",
    done=120,
    total=500,
    started_at=datetime(2026, 1, 5, tzinfo=UTC),
)


class KnownApi:
    """The api's application, with lists that a test may change and the requests that came."""

    def __init__(self) -> None:
        self.collections = [COLLECTION]
        self.projections = [PROJECTION]
        self.judged: list[tuple[list[str], bool]] = []
        self.reviews: dict[str, ReviewModel] = {}
        self.runs: list[RunInfo] = []
        self.app = FastAPI()
        self.app.exception_handler(HTTPException)(_problem)
        self._add_collection_routes()
        self._add_question_routes()
        self._add_review_routes()

    def _add_collection_routes(self) -> None:
        @self.app.get("/collections")
        def collections() -> list[CollectionInfo]:
            return self.collections

        @self.app.get("/collections/{name}")
        def collection(name: str) -> CollectionInfo:
            for known in self.collections:
                if known.name == name:
                    return known.model_copy(update={"review_revision": f"r{len(self.reviews)}"})
            raise HTTPException(404, f"no collection '{name}'; known: pets")

        @self.app.get("/collections/{name}/projections")
        def projections(name: str) -> list[ProjectionInfo]:
            return self.projections

        @self.app.post("/collections/{name}/projections", status_code=202)
        def project(name: str, request: ProjectRequest) -> RunInfo:
            self.runs.insert(0, RUN)
            return RUN

        @self.app.get("/runs")
        def runs() -> list[RunInfo]:
            return self.runs

        @self.app.get("/collections/{name}/projections/{projection}/rows")
        def points(name: str, projection: str, rows: str) -> list[MapRow]:
            return [MapRow(row=int(row), point=POINT) for row in rows.split(",") if int(row) < 3]

        @self.app.post("/collections/{name}/projections/{projection}/rows")
        def rows(name: str, projection: str, request: RowsRequest) -> list[RowOfPoint]:
            known = {CAT: 0}
            return [RowOfPoint(row=known[point], id=point) for point in request.ids if point in known]

    def _add_question_routes(self) -> None:
        @self.app.get("/collections/{name}/points/{point_id}")
        def point(name: str, point_id: str) -> PointModel:
            reviewed = [review for review in self.reviews.values() if review.point_id == point_id]
            payload = {"review": reviewed[0].model_dump(mode="json")} if reviewed else {}
            return POINT.model_copy(update={"payload": POINT.payload | payload})

    def _add_review_routes(self) -> None:
        @self.app.get("/collections/{name}/reviews")
        def reviews(name: str, verdict: str, offset: int, limit: int) -> ReviewPage:
            found = [review for review in self.reviews.values() if review.verdict == verdict]
            shown, end = found[offset : offset + limit], offset + limit
            return ReviewPage(reviews=shown, total=len(found), next_offset=end if end < len(found) else None)

        @self.app.post("/collections/{name}/reviews")
        def judge(name: str, request: ReviewRequest) -> list[ReviewModel]:
            self.judged.append((request.ids, request.is_one_entry))
            review = ReviewModel(
                id="v1",
                point_id=request.ids[0],
                verdict=request.verdict,
                who=request.who,
                at=datetime(2026, 1, 5, tzinfo=UTC),
                class_name=request.class_name,
                given_class="cat",
                note=None,
            )
            self.reviews[review.id] = review
            return [review]

        @self.app.post("/collections/{name}/reviews/undo")
        def undo(name: str, request: UndoRequest) -> UndoneReview:
            assert request.review_id is not None
            return UndoneReview(undone=self.reviews.pop(request.review_id), standing=None)


async def _problem(_request: object, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    problem = Problem(title="Problem", status=error.status_code, detail=error.detail)
    return JSONResponse(problem.model_dump(), error.status_code, media_type="application/problem+json")


@pytest.fixture
def api() -> KnownApi:
    return KnownApi()


@pytest.fixture
def client(api: KnownApi) -> AsyncClient:
    return AsyncClient(httpx.AsyncClient(base_url="http://api", transport=httpx.ASGITransport(api.app)), is_local=True)


@pytest.fixture
def projecting() -> RunInfo:
    return RUN
