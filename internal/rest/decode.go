package rest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The errors of a response that the network may have cut off. Another attempt may succeed.
var (
	errEmpty     = errors.New("the response is empty")
	errEndsEarly = errors.New("the response ends in the middle of its JSON")
)

// Decode decodes the JSON of a response. It is stricter than encoding/json: names must have the right case and must not
// repeat, and text must be UTF-8. Otherwise two users could become the same user, or a user could disappear. An error
// names the place with a JSON pointer.
func Decode(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	if err == nil {
		return nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return errEmpty
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errEndsEarly
	}
	if !utf8.Valid(body) {
		return errors.New("the response is not UTF-8")
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if syntax.JSONPointer == "" {
			return errors.New("the response is not JSON")
		}
		return fmt.Errorf("the response is not JSON at %s: %w", syntax.JSONPointer, syntax.Err)
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		found := cmp.Or(kindNames[semantic.JSONKind], "null")
		switch {
		case semantic.JSONPointer == "":
			return fmt.Errorf("the response is %s, not an object", found)
		case semantic.Err != nil:
			return fmt.Errorf("%s: %w", semantic.JSONPointer, semantic.Err)
		}
		return fmt.Errorf("%s holds %s, and the API documents another type", semantic.JSONPointer, found)
	}
	return err
}

// kindNames has the names of the kinds of JSON values, for errors.
var kindNames = map[jsontext.Kind]string{
	'{': "an object", '[': "a list", '"': "a string", '0': "a number", 't': "true or false", 'f': "true or false",
}
