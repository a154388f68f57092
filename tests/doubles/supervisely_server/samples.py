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
