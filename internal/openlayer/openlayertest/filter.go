package openlayertest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

// item is a user in a response. The document requires all fields.
type item struct {
	ID                string    `json:"id"`
	DateOfFirstRecord time.Time `json:"dateOfFirstRecord"`
	DateOfLastRecord  time.Time `json:"dateOfLastRecord"`
	Sessions          int64     `json:"sessions"`
	Records           int64     `json:"records"`
	Tokens            float64   `json:"tokens"`
	Cost              float64   `json:"cost"`
}

// pipeline has the users of a SetUsers call. Only the field listings changes later.
type pipeline struct {
	rows []*row
	// columns has every column for filters. The value is true if sortColumn accepts the column.
	columns map[string]bool

	mu sync.Mutex
	// listings caches the rows of a listing, by the request without its page. Without it, each page of a large pipeline
	// would be slow.
	listings map[string][]*row
}

// maxListings is the largest number of cached listings.
const maxListings = 32

// row is a user, prepared for responses and filters.
type row struct {
	item []byte // JSON
	// values has the value of each column: a float64, string, bool, or []any of float64 or string. A missing column is
	// null.
	values     map[string]any
	searchable []string // in lower case
	rowIDs     []int64
}

func newPipeline(users []User) *pipeline {
	p := &pipeline{columns: make(map[string]bool), listings: make(map[string][]*row)}
	for _, u := range users {
		encoded, err := json.Marshal(item{
			ID:                u.ID,
			DateOfFirstRecord: u.FirstRecord,
			DateOfLastRecord:  u.LastRecord,
			Sessions:          u.Sessions,
			Records:           u.Records,
			Tokens:            u.Tokens,
			Cost:              u.Cost,
		})
		if err != nil {
			panic(fmt.Sprintf("openlayertest: user without a JSON form: %v", err))
		}
		r := &row{
			item:       encoded,
			values:     make(map[string]any),
			searchable: []string{strings.ToLower(u.ID)},
			rowIDs:     slices.Clone(u.RowIDs),
		}
		for name, value := range u.Columns {
			r.values[name] = columnValue(name, value)
			if text, ok := value.(string); ok {
				r.searchable = append(r.searchable, strings.ToLower(text))
			}
		}
		// Set the fields of an item last, so that a column of the same name does not replace them.
		r.values["id"] = u.ID
		r.values["dateOfFirstRecord"] = u.FirstRecord.Format(time.RFC3339Nano)
		r.values["dateOfLastRecord"] = u.LastRecord.Format(time.RFC3339Nano)
		r.values["sessions"] = float64(u.Sessions)
		r.values["records"] = float64(u.Records)
		r.values["tokens"] = u.Tokens
		r.values["cost"] = u.Cost

		p.rows = append(p.rows, r)
	}
	for _, name := range []string{"id", "dateOfFirstRecord", "dateOfLastRecord", "sessions", "records", "tokens", "cost"} {
		p.columns[name] = true // also for a pipeline without users
	}
	for _, r := range p.rows {
		for name, value := range r.values {
			_, isList := value.([]any)
			sortable, known := p.columns[name]
			p.columns[name] = !isList && (sortable || !known)
		}
	}
	return p
}

func columnValue(name string, value any) any {
	switch value := value.(type) {
	case string, float64, bool:
		return value
	case []string:
		return anySlice(value)
	case []float64:
		return anySlice(value)
	default:
		panic(fmt.Sprintf("openlayertest: column %q is a %T, which is no column type", name, value))
	}
}

func anySlice[T any](values []T) []any {
	list := make([]any, 0, len(values))
	for _, v := range values {
		list = append(list, v)
	}
	return list
}

// listed returns the rows that list returns for the filter in a body. It caches them.
func (p *pipeline) listed(body []byte, sortColumn string, asc bool) ([]*row, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := fmt.Sprintf("%q %t %s", sortColumn, asc, body)
	if rows, ok := p.listings[key]; ok {
		return rows, nil
	}
	f, err := parseFilter(body)
	if err != nil {
		return nil, err
	}
	rows, err := p.list(f, sortColumn, asc)
	if err != nil {
		return nil, err
	}
	if len(p.listings) == maxListings {
		clear(p.listings)
	}
	p.listings[key] = rows
	return rows, nil
}

// list returns the rows that match the filter, sorted. The document does not define the columns for sorting, so the
// mock server accepts the fields of an item, and every column without lists. Null comes last in both directions.
func (p *pipeline) list(f filter, sortColumn string, asc bool) ([]*row, error) {
	for i, c := range f.columns {
		if _, known := p.columns[c.measurement]; !known {
			return nil, fmt.Errorf("columnFilters[%d]: there is no column %q", i, c.measurement)
		}
	}
	if sortColumn != "" && !p.columns[sortColumn] {
		return nil, fmt.Errorf("sortColumn: there is no column %q to sort by", sortColumn)
	}

	var rows []*row
	for _, r := range p.rows {
		if f.keeps(r) {
			rows = append(rows, r)
		}
	}
	if sortColumn != "" {
		slices.SortStableFunc(rows, func(a, b *row) int {
			x, hasX := a.values[sortColumn]
			y, hasY := b.values[sortColumn]
			switch {
			case !hasX || !hasY:
				return compareBool(!hasX, !hasY)
			case asc:
				return compareValues(x, y)
			default:
				return compareValues(y, x)
			}
		})
	}
	return rows, nil
}

// compareValues orders numbers before strings, and strings before bools.
func compareValues(x, y any) int {
	switch x := x.(type) {
	case float64:
		if y, ok := y.(float64); ok {
			return cmp.Compare(x, y)
		}
	case string:
		if y, ok := y.(string); ok {
			return cmp.Compare(x, y)
		}
	case bool:
		if y, ok := y.(bool); ok {
			return compareBool(x, y)
		}
	}
	return cmp.Compare(kindRank(x), kindRank(y))
}

func kindRank(v any) int {
	switch v.(type) {
	case float64:
		return 0
	case string:
		return 1
	default:
		return 2
	}
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	default:
		return 1
	}
}

// filter is the document's DatasetFilter. An empty list has no effect, the same as null: the document does not
// distinguish the two.
type filter struct {
	columns       []columnFilter
	searchOr      []string
	searchAnd     []string
	notSearchOr   []string
	notSearchAnd  []string
	rowIDs        []int64
	excludeRowIDs []int64
}

// parseFilter parses the body of a request, which may be empty or null.
func parseFilter(body []byte) (filter, error) {
	var f filter
	if len(body) == 0 {
		return f, nil
	}
	object, err := fakehttp.DecodeObject(body,
		"columnFilters", "searchQueryOr", "searchQueryAnd", "notSearchQueryOr", "notSearchQueryAnd",
		"rowIdList", "excludeRowIdList")
	if err != nil {
		return f, fmt.Errorf("body: %w", err)
	}

	columns, err := decodeList[json.RawMessage](object, "columnFilters")
	if err != nil {
		return f, err
	}
	if len(columns) > maxColumnFilters {
		return f, fmt.Errorf("columnFilters: %d are more than %d", len(columns), maxColumnFilters)
	}
	for i, raw := range columns {
		c, err := parseColumnFilter(raw)
		if err != nil {
			return f, fmt.Errorf("columnFilters[%d]: %w", i, err)
		}
		f.columns = append(f.columns, c)
	}

	for _, search := range []struct {
		name  string
		texts *[]string
	}{
		{"searchQueryOr", &f.searchOr},
		{"searchQueryAnd", &f.searchAnd},
		{"notSearchQueryOr", &f.notSearchOr},
		{"notSearchQueryAnd", &f.notSearchAnd},
	} {
		if *search.texts, err = decodeSearch(object, search.name); err != nil {
			return f, err
		}
	}

	if f.rowIDs, err = decodeList[int64](object, "rowIdList"); err != nil {
		return f, err
	}
	f.excludeRowIDs, err = decodeList[int64](object, "excludeRowIdList")
	return f, err
}

// decodeSearch decodes a list of search texts, and converts them to lower case.
func decodeSearch(object fakehttp.Object, name string) ([]string, error) {
	texts, err := decodeList[string](object, name)
	if err != nil {
		return nil, err
	}
	for i, text := range texts {
		if n := utf8.RuneCountInString(text); n > maxSearchRunes {
			return nil, fmt.Errorf("%s[%d]: %d characters are more than %d", name, i, n, maxSearchRunes)
		}
		texts[i] = strings.ToLower(text)
	}
	return texts, nil
}

// decodeList decodes a list, which may be missing or null. It rejects a null element, which encoding/json would decode
// as a zero value.
func decodeList[T any](object fakehttp.Object, name string) ([]T, error) {
	raw, ok := object[name]
	if !ok {
		return nil, nil
	}
	var pointers []*T
	if err := json.Unmarshal(raw, &pointers); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var list []T
	for i, p := range pointers {
		if p == nil {
			return nil, fmt.Errorf("%s[%d]: null is not allowed", name, i)
		}
		list = append(list, *p)
	}
	return list, nil
}

// keeps reports whether a user matches all parts of the filter. The document does not define how they combine.
func (f filter) keeps(r *row) bool {
	for _, c := range f.columns {
		if !c.matches(r.values[c.measurement]) {
			return false
		}
	}
	found := func(text string) bool {
		return slices.ContainsFunc(r.searchable, func(s string) bool { return strings.Contains(s, text) })
	}
	switch {
	case len(f.searchOr) > 0 && !slices.ContainsFunc(f.searchOr, found):
		return false
	case !all(f.searchAnd, found):
		return false
	case slices.ContainsFunc(f.notSearchOr, found):
		return false
	case len(f.notSearchAnd) > 0 && all(f.notSearchAnd, found):
		return false
	}
	return f.keepsRows(r.rowIDs)
}

// keepsRows reports whether any of a user's rows matches. A user without rows matches if rowIdList is empty. The totals
// of a user always include all rows.
func (f filter) keepsRows(rowIDs []int64) bool {
	if len(rowIDs) == 0 {
		return len(f.rowIDs) == 0
	}
	return slices.ContainsFunc(rowIDs, func(id int64) bool {
		listed := len(f.rowIDs) == 0 || slices.Contains(f.rowIDs, id)
		return listed && !slices.Contains(f.excludeRowIDs, id)
	})
}

func all(texts []string, found func(string) bool) bool {
	for _, text := range texts {
		if !found(text) {
			return false
		}
	}
	return true
}

// columnFilter is any of the document's three types of filter. The value of a set filter is a []any of strings and
// float64s, that of a numeric filter a float64 or nil, and that of a string filter a string or bool.
type columnFilter struct {
	measurement string
	operator    string
	value       any
}

func parseColumnFilter(raw json.RawMessage) (columnFilter, error) {
	var c columnFilter
	fields := []string{"measurement", "operator", "value"}
	object, err := fakehttp.DecodeObject(raw, fields...)
	if err != nil {
		return c, err
	}
	for _, name := range fields {
		if _, ok := object[name]; !ok {
			return c, fmt.Errorf("%s is missing", name)
		}
	}
	var measurement, operator *string
	if err := json.Unmarshal(object["measurement"], &measurement); err != nil || measurement == nil {
		return c, errors.New("measurement is not a string")
	}
	if err := json.Unmarshal(object["operator"], &operator); err != nil || operator == nil {
		return c, errors.New("operator is not a string")
	}
	c.measurement, c.operator = *measurement, *operator
	if err := json.Unmarshal(object["value"], &c.value); err != nil {
		return c, fmt.Errorf("value: %w", err)
	}
	if !c.hasShape() {
		return c, fmt.Errorf("operator %q does not go with the value %s", c.operator, object["value"])
	}
	return c, nil
}

// hasShape reports whether the document allows the operator with the type of the value. Each type of value belongs to
// exactly one type of filter.
func (c columnFilter) hasShape() bool {
	switch value := c.value.(type) {
	case []any:
		for _, v := range value {
			switch v.(type) {
			case string, float64:
			default:
				return false
			}
		}
		return slices.Contains([]string{"contains_none", "contains_any", "contains_all", "one_of", "none_of"}, c.operator)
	case nil, float64:
		return slices.Contains([]string{">", ">=", "is", "<", "<=", "!="}, c.operator)
	case string, bool:
		return slices.Contains([]string{"is", "!="}, c.operator)
	default:
		return false
	}
}

// matches compares the value of the filter with a user's value in the column, nil for null.
//
// The document names the operators, but does not define them. In the mock server:
//   - != is the opposite of is, so it matches users with null. A value of another type is not equal.
//   - <, <=, >, >= match only two numbers. Dates are strings.
//   - For the set operators, a single value is a list with one element, and null an empty list. one_of is the same as
//     contains_any, and none_of the same as contains_none.
func (c columnFilter) matches(have any) bool {
	switch c.operator {
	case "is":
		return have == c.value // no panic, since c.value is not a list
	case "!=":
		return have != c.value
	case "contains_any", "one_of":
		return c.count(have) > 0
	case "contains_none", "none_of":
		return c.count(have) == 0
	case "contains_all":
		return c.count(have) == len(c.value.([]any))
	}
	x, ok := have.(float64)
	y, ok2 := c.value.(float64)
	if !ok || !ok2 {
		return false
	}
	switch c.operator {
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	case ">=":
		return x >= y
	}
	panic("openlayertest: operator " + c.operator + " was accepted but is not known")
}

// count returns the number of values of a set filter that a user has.
func (c columnFilter) count(have any) int {
	list, isList := have.([]any)
	if !isList && have != nil {
		list = []any{have}
	}
	n := 0
	for _, want := range c.value.([]any) {
		if slices.Contains(list, want) {
			n++
		}
	}
	return n
}
