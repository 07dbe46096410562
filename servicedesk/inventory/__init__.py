"""What the pages, the export and the saved views of items share: fields, words, selects."""
