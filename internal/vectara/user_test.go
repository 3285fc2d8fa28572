package vectara

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// memoryOf counts every string of a user.
func TestMemoryOf(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("7", 1000)
	empty := memoryOf([]User{{}})
	typ := reflect.TypeFor[User]()
	for i := range typ.NumField() {
		user := User{}
		field := reflect.ValueOf(&user).Elem().Field(i)
		switch field.Interface().(type) {
		case *string:
			field.Set(reflect.ValueOf(&long))
		case []string:
			field.Set(reflect.ValueOf([]string{long}))
		case []CorpusRole:
			user.CorpusRoles = []CorpusRole{{CorpusKey: &long}, {Role: &long}}
		case []AgentRole:
			user.AgentRoles = []AgentRole{{AgentKey: &long}, {Role: &long}}
		case *APIPolicy:
			user.APIPolicy = &APIPolicy{Name: &long, AllowedOperations: map[string]*OperationPolicy{long: {AllowedResources: map[string][]string{long: {long}}}}}
		case *int64, *bool, bool:
			continue
		default:
			t.Errorf("%s has a type that this test does not know: %s", typ.Field(i).Name, field.Type())
		}
		want := 1000
		if field.Kind() == reflect.Slice {
			want *= field.Len()
		}
		if user.APIPolicy != nil {
			want *= 4
		}
		if got := memoryOf([]User{user}) - empty; got < want && typ.Field(i).Name != "IDCreate" { // never long: a number
			t.Errorf("%s: %d bytes are counted as %d", typ.Field(i).Name, want, got)
		}
	}
}

// Summarize is fast for a user with very many roles.
func TestManyRoles(t *testing.T) {
	t.Parallel()
	roles := make([]string, 0, 400_000)
	for i := range cap(roles) / 2 {
		roles = append(roles, fmt.Sprint(i), fmt.Sprint(i))
	}
	s := Summarize([]User{{Roles: roles}}) // comparing each role with all others would need minutes
	if len(s.ByRole) != cap(roles)/2 || s.ByRole["7"] != 1 {
		t.Errorf("got %d roles, one of them with a count of %d", len(s.ByRole), s.ByRole["7"])
	}
}

// Apply returns an error if the context ends.
func TestFilterStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := (Filter{}).Apply(ctx, []User{{}}); !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("got %v and %v", got, err)
	}
}
