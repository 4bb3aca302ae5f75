"""Rows of views, over HTTP."""

import json
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal


class ClickHouse:
    def __init__(self, url, database):
        self.url = url + "/?" + urllib.parse.urlencode({"database": database, "output_format_json_quote_64bit_integers": "0"})

    def rows(self, query):
        request = urllib.request.Request(self.url, data=(query + " FORMAT JSONCompactEachRow").encode())
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"ClickHouse: {error.read().decode().strip()}\nof: {query}") from error
        return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]

    def one(self, query):
        return self.rows(query)[0][0]

    def has(self, view):
        return self.one(f"SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = '{view}'") > 0
