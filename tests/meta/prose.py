"""Prose of Python files and of Markdown: docstrings and comments as paragraphs, paragraphs as sentences."""

import ast
import inspect
import io
import re
import tokenize

SECTIONS = re.compile(r"(Args|Attributes|Returns|Yields|Raises|Example|Examples):$")
LABEL = re.compile(r"^\s*(?:[-*] |\d+\. )?(?:[\w*, .`/]{1,60}|\*\*[^*]+\*\*):\s+")
"""What a section's entry or an item of a list begins with: the name of an argument, of an error, of a thing."""
DEFINED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings_of(tree):
    """Yield line and text of each docstring: of modules, classes, functions, and of the names that a text follows."""
    for node in ast.walk(tree):
        if not isinstance(node, DEFINED):
            continue
        if ast.get_docstring(node):
            yield node.body[0].lineno, ast.get_docstring(node)
        for named, text in zip(node.body, node.body[1:], strict=False):
            if isinstance(named, ast.Assign | ast.AnnAssign) and isinstance(text, ast.Expr):
                value = text.value
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.lineno, inspect.cleandoc(value.value)


def comments_of(code):
    """Yield line and text of each comment; comments on lines of their own that follow each other are one."""
    line, text, last = 0, "", None
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type != tokenize.COMMENT:
            continue
        words, stands_alone = token.string.lstrip("# "), token.line.strip().startswith("#")
        if stands_alone and last == token.start[0] - 1:
            text = f"{text} {words}"
        else:
            yield line, text
            line, text = token.start[0], words
        last = token.start[0] if stands_alone else None
    yield line, text


def paragraphs_of(docstring):
    """Yield the paragraphs of a docstring; an entry of a section is one, without its name. Tables are left out."""
    block, previous, entry_indent = [], 0, None
    for line in [*docstring.splitlines(), ""]:
        indent, stripped = len(line) - len(line.lstrip()), line.strip()
        begins_item = bool(re.match(r"[-*] |\d+\. ", stripped))
        if not stripped or indent < previous or indent == entry_indent or begins_item:
            yield from _finish(block, in_section=entry_indent is not None)
            block = []
        if SECTIONS.match(stripped):
            entry_indent = indent + 4
            continue
        if stripped and entry_indent is not None and indent < entry_indent:
            entry_indent = None
        is_literal = not block and indent > 0 and entry_indent is None
        if stripped and not is_literal:
            block.append(stripped)
        previous = indent if stripped else 0


def _finish(block, *, in_section):
    text = " ".join(block)
    is_table = any(re.search(r"\S {3,}\S", line) for line in block)
    if text and not is_table:
        yield LABEL.sub("", text) if in_section or re.match(r"[-*] |\d+\. ", text) else text


def sentences_of(paragraph):
    """The sentences of a paragraph, code and quotations as one word, parentheses left out."""
    text = re.sub(r"``.*?``|`[^`]*`|\"[^\"]*\"|\[([^\]]*)\]\([^)]*\)", lambda found: found[1] or "Code", paragraph)
    text = re.sub(r"\s*\([^()]*\)", "", re.sub(r"\([^()]*\)", "", text))
    return re.split(r"(?<=[.!?])\s+(?=[A-Z*])", text)


def markdown_paragraphs(text):
    """Yield the paragraphs and list items of a page, without its headings, tables, code and quotations."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", text):
        if not re.match(r"\s*[#|>]", block):
            yield LABEL.sub("", " ".join(block.split()))
