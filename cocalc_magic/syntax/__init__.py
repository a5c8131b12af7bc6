"""What a person types, and Python values, turned into the options of a message.

    variables   $name and ${expression} in any text
    words       what an unquoted word means; characters: which are not what they look like
    convert     one value -> the declared type of its option
    line        the line of the magic -> event, items, flags
    body        the body of a cell (JSON, a Python literal, YAML) -> nodes
    files       local files -> their texts
    evaluate    items and nodes, with the notebook's values put in -> values of their types
    reading     line and body together -> a message, checked against the catalog

Nothing here sends, prints or imports IPython.
"""
