package replay

import (
	"fmt"
	"slices"
	"strings"
)

// The names under which exports of web shops, trackers and customer data
// platforms keep what every event needs, without case and "$". Of several in a
// file the first here is meant.
func likelyNames(f field) []string {
	switch f {
	case fieldTime:
		return []string{"event_time", "timestamp", "original_timestamp", "originaltimestamp", "time", "event_timestamp", "occurred_at", "created_at", "datetime", "date", "ts"}
	case fieldCustomer:
		return []string{"customer_id", "customerid", "customer", "user_id", "userid", "member_id", "account_id", "person_id", "contact_id", "distinct_id", "uid"}
	case fieldAnonymousID:
		return []string{
			"anonymous_id", "anonymousid", "anon_id", "visitor_id", "visitorid", "fullvisitorid", "user_pseudo_id", "domain_userid", "device_id",
			"deviceid", "client_id", "clientid", "cookie_id", "cookieid", "guest_id", "anon_distinct_id", "distinct_id",
		}
	case fieldType:
		return []string{"event_type", "event_name", "event", "type", "name", "action"}
	}

	return nil
}

// likely is the name among these that is probably the field; "" for none.
func likely(f field, names []string) string {
	for _, want := range likelyNames(f) {
		i := slices.IndexFunc(names, func(name string) bool { return strings.TrimPrefix(strings.ToLower(name), "$") == want })
		if i >= 0 {
			return names[i]
		}
	}

	return ""
}

// proposal is a mapping for columns or members of these names, as a file may
// hold it; "" where it can't be told who and when.
func proposal(format Format, names []string) string {
	var fields []string
	taken := make(map[string]bool)
	for _, f := range []field{fieldTime, fieldCustomer, fieldAnonymousID, fieldType} {
		name := likely(f, names)
		if name == "" || taken[name] {
			if f == fieldTime || f == fieldCustomer {
				return ""
			}

			continue
		}
		taken[name] = true
		fields = append(fields, fmt.Sprintf("%s: %s", f, quotedName(name)))
	}
	text := "{name: mine, format: " + string(format) + ", fields: {" + strings.Join(fields, ", ") + "}"
	if likely(fieldType, names) == "" {
		text += ", constants: {type: order.completed}"
	}

	return text + "}"
}

// quotedName is a name as YAML takes it inside of braces.
func quotedName(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '$'
	}) {
		return fmt.Sprintf("%q", name)
	}

	return name
}

// unnamedID says which column is probably an anonymous id, where the mapping
// takes none for one.
func (r *Reader) unnamedID() string {
	name := likely(fieldAnonymousID, r.unnamed)
	if name == "" {
		return ""
	}

	return fmt.Sprintf("; is %s one? Then write anonymous_id: %s under fields of a mapping", name, quotedName(name))
}

// foreign says how to read lines that are taken for native events, and are
// those of something else.
func (r *Reader) foreign(line []byte) string {
	if r.mapping.Format != Native {
		return ""
	}
	var names []string
	_ = new(jsonWalker).object(line, func(name, _ []byte) error { // it was read before
		names = append(names, string(name))

		return nil
	})
	mapping := proposal(NDJSON, names)
	if mapping == "" {
		return ""
	}

	return "; if the line is no native event, name a mapping with --mapping FILE, probably " + mapping
}
