"""Text that puts a finished picture into a page.

In: the path of a picture. Out: a snippet for Markdown, HTML, a notebook, LaTeX and others, by `embed.embed`.
"""
