"""The incident store: schema, dates, query language, engine, formats.  Never imports textual."""
