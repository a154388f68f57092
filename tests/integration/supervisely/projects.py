"""Projects that tests put on the double."""

from dataclasses import dataclass, field

from tests.doubles import png
from tests.doubles.supervisely_server.samples import edges

BOXES = ((2, 2, 12, 12), (12, 2, 28, 18))


@dataclass
class Sample:
    """A project with its parts.

    Attributes:
        project: Its id.
        datasets: Ids by name.
        images: Ids in the order of making.
        figures: Ids in the order of making, two per image.
        classes: Ids by name.
        tags: Ids by name.
    """

    project: int
    datasets: dict = field(default_factory=dict)
    images: list = field(default_factory=list)
    figures: list = field(default_factory=list)
    classes: dict = field(default_factory=dict)
    tags: dict = field(default_factory=dict)

    @property
    def address(self):
        return f"supervisely://{self.project}"

    def of_dataset(self, name):
        return f"{self.address}/{self.datasets[name]}"


def colour_of(number):
    return (number * 37 % 256, number * 101 % 256, number * 17 % 256)


def add_sample(tables, *, n_images=10, with_objects=True):
    """A project of 6 data sets, some nested, with ``n_images`` each, all with equal names, and 2 objects per image."""
    sample = Sample(tables.add_project("streets"))
    sample.classes = {name: tables.add_class(sample.project, name) for name in ("cat", "dog")}
    sample.tags = {name: tables.add_tag_meta(sample.project, name) for name in ("night", "blurred")}
    tree = (
        ("train", None),
        ("cam 1", "train"),
        ("cam 2", "train"),
        ("val", None),
        ("train/cam 2", None),
        ("test", None),
    )
    for name, parent in tree:
        sample.datasets[name] = tables.add_dataset(sample.project, name, sample.datasets.get(parent))
    for dataset_id in sample.datasets.values():
        for number in range(n_images):
            add_image(tables, sample, dataset_id, f"part/{number}.png", with_objects=with_objects)
        tables.clock.advance(60)
    return sample


def add_image(tables, sample, dataset_id, name, *, with_objects=True, **facts):
    """Add an image of a colour of its own, with a cat and a dog."""
    data = facts.pop("data", png(colour_of(len(sample.images) + 1)))
    image_id = tables.add_image(dataset_id, name, data, **facts)
    sample.images.append(image_id)
    for class_name, box in zip(("cat", "dog"), BOXES, strict=True):
        if with_objects:
            figure = tables.add_figure(image_id, sample.classes[class_name], "rectangle", edges(*box))
            sample.figures.append(figure)
    return image_id


def points_by_object(collection):
    """Points of objects, by the object's key."""
    found = {}
    for page in collection.scroll(with_embeddings=True):
        found |= {point.payload["object_key"]: point for point in page if "object_key" in point.payload}
    return found
