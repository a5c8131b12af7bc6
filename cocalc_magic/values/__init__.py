"""What a person types, and Python values, turned into the options of a message.

    variables   $name and ${expression} in any text
    convert     one value -> the declared type of its option
    line        the line of the magic -> event, items, flags
    body        the body of a cell (YAML or JSON) -> values
    reading     line and body together -> a message, checked against the catalog

Nothing here sends, prints or imports IPython.
"""
