"""The wire models: what the api takes and gives. Pydantic only; nothing here computes.

Paths below ``/api/v1``, where C is a collection's name and P a projection's id; errors are ``Problem`` documents:

    GET  health, ready                              -> Health, Readiness; need no key
    GET  metrics                                    -> text of Prometheus
    GET  catalogue, models, status, collections, collections/C
    DELETE collections/C                            -> 204           needs local power
    PATCH collections/C                             -> CollectionInfo takes RenameRequest
    GET  collections/C/find?text&limit&FILTER       -> FoundByName   by class, file name or id
    GET  collections/C/points?offset&limit&FILTER   -> PointPage     FILTER: the fields of FilterModel, lists repeated
    GET  collections/C/points/ID                    -> PointModel
    GET  collections/C/points/ID/crop?size          -> image/jpeg    longest side at most size px, never enlarged
    GET  images/ID?collection&annotation&size       -> image/jpeg    annotation = object | all | none
    POST collections/C/neighbors                    -> Neighbors     takes NeighborsRequest
    POST collections/C/neighbors/image              -> Neighbors     multipart: file, box "l,t,r,b", limit, filter
    POST collections/C/neighbors/box                -> Neighbors     takes BoxRequest; a box of a point's own image
    POST collections/C/neighbors/text               -> Neighbors     takes TextRequest; needs a model with a text tower
    GET  collections/C/neighbors/model              -> SearchModel   whether the first search loads it
    GET  collections/C/suspects?limit&offset&method&FILTER -> Suspects
    GET  collections/C/facets?limit&FILTER          -> Facets        counts of each facet under the others' conditions
    GET  collections/C/gallery?order&descending&similar_to&unlike&offset&limit&FILTER -> GalleryPage
    GET  collections/C/tags                         -> list[CountedName], tags that people gave
    POST collections/C/tags                         -> ChangedTags   takes PointTagsRequest; all points or none
    GET  collections/C/selections                   -> list[CountedName], selections that people named
    POST collections/C/selections                   -> 201 CountedName takes SelectionRequest
    GET  collections/C/selections/NAME              -> SavedSelection
    DELETE collections/C/selections/NAME            -> 204
    GET  collections/C/clusters?resolution&FILTER   -> Clusters, largest first
    GET  collections/C/clusters/N/points?resolution&offset&limit -> ClusterPoints, ids of cluster N of that list
    GET  collections/C/duplicates?threshold&limit&FILTER -> Duplicates, conflicts and leaks first
    GET  collections/C/outliers?limit&FILTER        -> Outliers, strangest first, and how many stand apart
    GET  collections/C/confusion?FILTER             -> Confusion
    GET  collections/C/picks?n&diverse&FILTER       -> Picks
    GET  collections/C/check?max_suspects&max_duplicate_conflicts&max_leaks -> CheckReport
    GET  collections/C/reviews?verdict&offset&limit -> ReviewPage, newest first
    POST collections/C/reviews                      -> list[ReviewModel], takes ReviewRequest; all points or none
    POST collections/C/reviews/undo                 -> UndoneReview  takes UndoRequest
    GET  collections/C/reviews/log?verdict&offset&limit -> ReviewLogPage, newest first, also those taken back
    POST collections/C/reviews/apply                -> RunInfo takes ApplyRequest; AppliedReviews if it is a dry run
    POST reviews/restore                            -> RunInfo takes RestoreRequest; takes such a run back
    POST collections/C/suspects/group               -> list[str]     takes GroupRequest
    POST collections/C/points/embeddings            -> binary, see below; takes EmbeddingsQuery
    GET  collections/C/check/report?format          -> CheckText     markdown, json or junit
    POST collections/C/exports                      -> 202 RunInfo   takes ExportRequest; needs local power
    POST imports                                    -> 202 RunInfo   takes ImportRequest; needs local power
    GET  supervisely                                -> SuperviselyServerInfo
    GET  supervisely/tree?level&id                  -> list[TreeEntryModel], what a level holds
    GET  collections/C/supervisely                  -> SuperviselyCollection
    GET  collections/C/supervisely/members          -> PlatformMembers
    GET  collections/C/supervisely/places/ID        -> PointPlaceModel
    POST collections/C/supervisely/tags             -> TaggedPoints takes TagRequest
    POST collections/C/supervisely/jobs             -> LabelingJobs takes JobRequest
    POST collections/C/supervisely/image-collections -> ImageCollection takes ImageCollectionRequest
    POST collections/C/supervisely/saves            -> SavedEmbeddings takes SaveRequest
    POST supervisely/undo                           -> UndoneWork   takes WorkUndoRequest
    POST supervisely/imports                        -> Imported     takes KeptImportRequest
    GET  collections/C/projections                  -> list[ProjectionInfo], newest first
    POST collections/C/projections                  -> 202 RunInfo   takes ProjectRequest
    GET  collections/C/projections/P                -> ProjectionInfo
    GET  collections/C/projections/P/map?v          -> binary map, see below
    GET  collections/C/projections/P/columns/score  -> uint8 (n_points,), the map's score column, computed if need be
    GET  collections/C/projections/P/columns/trust  -> uint8 (n_points,), the share of true neighbors that a row kept
    GET  collections/C/projections/P/positions?rows_of&rows_of_collection -> binary, see below; places of another's rows
    GET  collections/C/projections/P/renumbering?rows_of -> int32, see below; the rows of another map's points
    POST collections/C/projections/P/matches        -> bits, see below; takes MatchesQuery
    GET  collections/C/projections/P/rows?rows=1,2  -> list[MapRow], at most 1000; rows of deleted points are left out
    POST collections/C/projections/P/rows           -> list[RowOfPoint]  takes RowsRequest; unknown ids are left out
    GET  collections/C/projections/P/rows/ROW/crop?size -> image/jpeg
    GET  runs, runs/ID                              -> list[RunInfo], RunInfo
    GET  runs/ID/events                             -> server-sent events, a RunInfo each; the last is called "end"
    POST runs                                       -> 202 RunInfo   takes ProjectRun or IndexRun
    DELETE runs/ID                                  -> RunInfo       asks it to stop
    POST uploads                                    -> 201 Uploaded  multipart: file, a zip archive; needs local power

The name ``~`` stands for the only collection that there is. A question that takes FILTER takes the same fields as
a JSON body by POST, for selections that are too long for an address. Exports and searches have it as ``filter``.

Local power is the right to read folders and write files of the server's machine. It comes with the token of
``server.json`` or with the key of the server, sent as ``Authorization: Bearer``. Work on a Supervisely server needs
it too, or a visitor whom the platform lets into its app: ``api/middleware/platform_session.py``.

Embeddings are little endian. Header, 20 bytes: ``b"LKE1"``, uint32 n_points of the selection, uint32 k of this page,
uint32 dimension, uint32 length of the revision. Then the revision, k ids of 36 bytes, and float32 (k, dimension).

The binary map is little endian. Header, 16 bytes: ``b"LKM1"``, uint32 n_points, uint32 block_rows (65536),
uint32 n_classes. Then blocks of ``k <= block_rows`` rows, each: uint16 x[k], uint16 y[k], uint16 class[k],
uint8 score[k], zero bytes up to a multiple of 4. Rows are in a random order fixed for the projection's life, so that
every prefix is a fair sample. The place x grows to the right and y upwards, in a square, with the projection's own
aspect. ``class`` indexes ``ProjectionInfo.classes``; 65535 marks a point deleted since the projection was made, which
is not to be drawn. ``score`` is the suspect score times 254, and 255 for none. A first paint never waits for suspects.
While they are not computed yet, every score byte is 255 and ``ProjectionInfo.has_scores`` is false; fetch
``columns/score`` then. With ``?v=`` and ``ProjectionInfo.version`` the map may be kept for ever; without, its ETag
revalidates it.

``columns/{name}`` has one value per row, little endian. Header, 16 bytes: ``b"LKC1"``, uint32 n_points, uint32 bytes
per value, uint32 length of the words. Then the words: a ``MapColumnInfo`` as JSON, blanks up to a multiple of 4. Then
the values. Numbers have one byte, the value times 254, and 255 for none: ``score``, ``trust`` (the share of a point's
true neighbors that are near it on the map), ``outlier`` and ``edited`` (time of edit). Categories have two bytes and
index ``MapColumnInfo.categories``, 65535 for none: ``dataset`` and ``cluster``.

``positions`` says where a map has the points of the map ``rows_of``, in that map's row order. Little endian. Header, 16
bytes: ``b"LKP1"``, uint32 n_points of the other map, uint32 how many are missing here, uint32 how many points only this
map has. Then uint16 x[n_points] and uint16 y[n_points], both 65535 for a missing point.

``renumbering`` has this map's row of each point of the map ``rows_of``, in that map's row order. Little endian int32
(n_points,), -1 for a point that this map lacks.

``density`` is a picture of the map, PNG, for browsers that cannot draw it. Its square is that of x and y.
``matches`` has one bit per row, 1 if it fits the filter, the lowest bit of a byte first. Zero bits fill the last byte.
A deleted point fits no filter.
"""
