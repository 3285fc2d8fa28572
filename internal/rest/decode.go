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

// A response that was cut short on its way, so that another attempt may bring it whole.
var (
	errEmpty     = errors.New("the response is empty")
	errEndsEarly = errors.New("the response ends in the middle of its JSON")
)

// Decode decodes the JSON of a response. It is strict where encoding/json is not: names are compared
// with regard to case, a name may not be there twice, and text must be UTF-8, since anything else
// could make two users one, or hide one. Its errors say, with a JSON pointer, what is not as the
// vendor documents it.
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
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		found := cmp.Or(kinds[wrong.JSONKind], "null")
		switch {
		case wrong.JSONPointer == "":
			return fmt.Errorf("the response is %s, not an object", found)
		case wrong.Err != nil:
			return fmt.Errorf("%s: %w", wrong.JSONPointer, wrong.Err)
		}
		return fmt.Errorf("%s holds %s, and the API documents another type", wrong.JSONPointer, found)
	}
	return err
}

// kinds are the kinds of JSON values in words.
var kinds = map[jsontext.Kind]string{
	'{': "an object", '[': "a list", '"': "a string", '0': "a number", 't': "true or false", 'f': "true or false",
}
