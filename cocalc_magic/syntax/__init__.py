"""What a person types, and Python values, converted to the options of a message; and back.

    variables      $name and ${expression} in any text
    words          the meaning of an unquoted word
    characters     characters that are not what they look like
    strict_json    JSON as its standard has it
    convert        one value -> the declared type of its option
    line           the line of the magic -> event, items, flags (flags, pasted, mistakes)
    body           the body of a cell (JSON, a Python literal, YAML) -> nodes (nodes, literal)
    files          local files -> their texts
    evaluate       items and nodes -> the options of one message
    parse          line and body together -> a message, checked against the catalog
    format         a message -> the magic that sends it
    form_values    the fields of a form -> options, and back
    outline        the cells of a notebook or a script -> the messages in them, without values
    query_builder  table, fields and conditions -> the options of `query`

Nothing here sends, prints or imports IPython.

From the bottom up: characters, files, flags, format, mistakes, nodes, pasted, variables, line, words,
literal, strict_json, body, convert, evaluate, form_values, outline, parse,
query_builder.
"""
