"""Projects put on the double."""

from tests.doubles import png


def edges(left, top, right, bottom):
    """A rectangle as the server stores it, from a half-open box."""
    return {"points": {"exterior": [[left, top], [right, bottom]], "interior": []}}


def add_project_of(tables, images):
    """A project of images as ``tests.source_formats`` describes them; nested data sets by ``/``. Gives its id."""
    project, datasets, classes = tables.add_project("data"), {}, {}
    for image in images:
        parent = None
        parts = image.dataset.split("/")
        for depth, part in enumerate(parts, start=1):
            path = "/".join(parts[:depth])
            if path not in datasets:
                datasets[path] = tables.add_dataset(project, part, parent)
            parent = datasets[path]
        image_id = tables.add_image(parent, image.path, png((200, 100, 50), image.size_hw))
        for class_name, box in image.objects:
            if class_name not in classes:
                classes[class_name] = tables.add_class(project, class_name)
            tables.add_figure(image_id, classes[class_name], "rectangle", edges(*box))
    return project


def add_large_project(tables, *, n_images, n_objects):
    """A project of one data set with many images of one file, and ``n_objects`` on each; gives its id."""
    project = tables.add_project("large")
    dataset, class_id = tables.add_dataset(project, "all"), tables.add_class(project, "cat")
    first = tables.add_image(dataset, "0.png", png((200, 100, 50)))
    tables.add_figure(first, class_id, "rectangle", edges(2, 2, 12, 12))
    image, (figure,) = tables.images[first], tables.figures_of(first)
    image_ids = [first, *(tables.next_id("image") for _ in range(n_images - 1))]
    for image_id in image_ids:
        tables.images[image_id] = {**image, "id": image_id, "name": f"{image_id}.png"}
        for number in range(n_objects):
            figure_id = figure["id"] if (image_id, number) == (first, 0) else tables.next_id("figure")
            tables.figures[figure_id] = {**figure, "id": figure_id, "imageId": image_id, "entityId": image_id}
    tables.clock.advance(60)
    return project
