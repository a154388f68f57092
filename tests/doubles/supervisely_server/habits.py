"""What Supervisely servers do differently, one switch per habit; the defaults are those that the SDK relies on."""

from dataclasses import dataclass


@dataclass
class Habits:
    """Switches that a test sets, before or between requests.

    Attributes:
        figure_edits_touch_images: Whether an edited geometry or class moves the image's time stamp.
        tag_edits_touch_figures: Whether a tag given to an object moves the object's time stamp.
        tag_edits_touch_images: Whether a tag given to an object moves the image's time stamp.
        time_resolution_s: Time stamps are cut to multiples of it.
        max_per_page: Longest page, whatever is asked for.
        refuses_long_pages: Whether a longer page that is asked for is refused, not cut.
        tells_page_size: Whether ``perPage`` is the real page size, not the one that was asked for.
        tells_totals: Whether lists carry ``total``, ``perPage`` and ``pagesCount``.
        repeats_last_page: Whether a page behind the last one is the last one again, not an empty one.
        has_page_tokens: Whether pages asked for by token carry ``after``; the tokens are opaque.
        max_bulk_ids: More ids in one request are refused.
        sorts_figures: Whether ``figures.list`` obeys ``sort``.
        filters_by_time: Whether ``images.list`` filters by ``updatedAt``.
        lists_figures_of_projects: Whether ``figures.list`` takes a project instead of a data set.
        finds_figures_of_projects: Whether it finds any then; otherwise its answer is an empty list.
        tells_names: Whether annotations name classes and tags, and say so if an image has no objects.
        tells_figure_facts: Whether ``figures.list`` tells time stamps and extents.
        shuffles_bulk_answers: Whether bulk answers come in an order of their own.
        counts_in_text: Whether ``labelsCount`` and ``size`` are texts.
        sends_checksums: Whether single downloads carry ``x-content-checksum-sha256``.
        n_images_hidden: How many images a listing keeps back, consistently with itself but not with the counts.
        n_figures_hidden: The same for figures, in listings and annotations.
        forbidden_datasets: Ids of data sets that the token has no rights to.
        allows_duplicate_tags: Whether a tag may be given twice.
        class_edits: What ``figures.editInfo`` does with a class: ``takes``, ``ignores`` or ``refuses`` it.
        takes_figure_facts: Whether ``figures.bulk.add`` takes descriptions and custom data.
    """

    figure_edits_touch_images: bool = True
    tag_edits_touch_figures: bool = True
    tag_edits_touch_images: bool = True
    time_resolution_s: float = 0.001
    max_per_page: int = 20_000
    refuses_long_pages: bool = False
    tells_page_size: bool = True
    tells_totals: bool = True
    repeats_last_page: bool = False
    has_page_tokens: bool = True
    max_bulk_ids: int = 100
    sorts_figures: bool = True
    filters_by_time: bool = True
    lists_figures_of_projects: bool = True
    finds_figures_of_projects: bool = True
    tells_names: bool = True
    tells_figure_facts: bool = True
    shuffles_bulk_answers: bool = False
    counts_in_text: bool = False
    sends_checksums: bool = True
    n_images_hidden: int = 0
    n_figures_hidden: int = 0
    forbidden_datasets: tuple[int, ...] = ()
    allows_duplicate_tags: bool = False
    class_edits: str = "takes"
    takes_figure_facts: bool = True
