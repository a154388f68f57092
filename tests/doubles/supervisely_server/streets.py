"""A project of drawn streets, for people who look at it: cars, buses and trees, a few of them with a wrong class."""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from tests.doubles.supervisely_server.samples import edges

SIZE_WH = (320, 200)
CLASSES = ("car", "bus", "tree")
DATASETS = (
    ("train", None, 24),
    ("morning rush", "train", 12),
    ("evening", "train", 12),
    ("a lane with a long name, seen from above", "evening", 4),
    ("val", None, 12),
    ("winter", None, 8),
)
ONE_WRONG_IN = 17
SIZES_WH = {"car": (72, 34), "bus": (110, 50), "tree": (44, 74)}


def add_streets(tables, *, seed=7):
    """Add the project; gives its id."""
    random, project = Random(seed), tables.add_project("Streets of a small town")
    class_ids = {name: tables.add_class(project, name) for name in CLASSES}
    for name in ("MARKED", "ISSUE", "night"):
        tables.add_tag_meta(project, name)
    datasets, n_objects = {}, 0
    for name, parent, n_images in DATASETS:
        datasets[name] = tables.add_dataset(project, name, datasets.get(parent))
        for number in range(n_images):
            data, objects = draw_street(random)
            image = tables.add_image(datasets[name], f"street {number:03}.png", data)
            for class_name, box in objects:
                n_objects += 1
                other = CLASSES[(CLASSES.index(class_name) + 1) % len(CLASSES)]
                said = class_name if n_objects % ONE_WRONG_IN else other
                tables.add_figure(image, class_ids[said], "rectangle", edges(*box))
    return project


def draw_street(random):
    """A PNG of a street, and the class and box of each object on it."""
    width, height = SIZE_WH
    sky = (150 + random.randrange(80), 190 + random.randrange(40), 230)
    picture = Image.new("RGB", SIZE_WH, sky)
    drawn = ImageDraw.Draw(picture)
    drawn.rectangle((0, 120, width, height), fill=(108, 112, 118))
    drawn.rectangle((0, 112, width, 122), fill=(172, 168, 160))
    for left in range(random.randrange(30), width, 48):
        drawn.rectangle((left, 158, left + 24, 162), fill=(236, 232, 214))
    objects, left = [], 6 + random.randrange(14)
    while True:
        class_name, scale = random.choice(CLASSES), random.uniform(0.75, 1.2)
        wide, high = (int(side * scale) for side in SIZES_WH[class_name])
        if left + wide > width - 6:
            break
        bottom = 124 if class_name == "tree" else 150 + random.randrange(36)
        box = (left, bottom - high, left + wide, bottom)
        DRAW[class_name](drawn, box, random)
        objects.append((class_name, box))
        left += wide + 8 + random.randrange(28)
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue(), objects


def _colour(random):
    return random.choice(((196, 58, 48), (44, 98, 172), (232, 178, 60), (240, 240, 240), (54, 62, 72)))


def _wheels(drawn, box, size):
    left, _, right, bottom = box
    for middle in (left + (right - left) // 4, right - (right - left) // 4):
        drawn.ellipse((middle - size, bottom - 2 * size, middle + size, bottom - 1), fill=(28, 28, 30))


def _draw_car(drawn, box, random):
    left, top, right, bottom = box
    middle, colour, quarter = (top + bottom) // 2, _colour(random), (right - left) // 4
    roof = (left + quarter // 2, middle), (left + quarter, top), (right - quarter, top), (right - quarter // 2, middle)
    drawn.polygon(roof, fill=(200, 222, 236), outline=colour)
    drawn.rounded_rectangle((left, middle - 2, right - 1, bottom - 6), 6, fill=colour)
    _wheels(drawn, box, 7)


def _draw_bus(drawn, box, random):
    left, top, right, bottom = box
    drawn.rounded_rectangle((left, top, right - 1, bottom - 7), 5, fill=_colour(random))
    for start in range(left + 6, right - 16, 18):
        drawn.rectangle((start, top + 8, start + 12, top + 22), fill=(200, 222, 236))
    _wheels(drawn, box, 8)


def _draw_tree(drawn, box, random):
    left, top, right, bottom = box
    middle = (left + right) // 2
    drawn.rectangle((middle - 4, (top + bottom) // 2, middle + 4, bottom - 1), fill=(104, 74, 48))
    drawn.ellipse((left, top, right - 1, bottom - (bottom - top) // 4), fill=(40 + random.randrange(50), 124, 60))


DRAW = {"car": _draw_car, "bus": _draw_bus, "tree": _draw_tree}
