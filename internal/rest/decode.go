package rest

import (
	"bytes"
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
		switch {
		case syntax.JSONPointer != "":
			return fmt.Errorf("the response is not JSON at %s: %w", syntax.JSONPointer, syntax.Err)
		}
		return errors.New("the response is not JSON")
	}
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		switch {
		case wrong.Err != nil && wrong.JSONPointer != "":
			return fmt.Errorf("%s: %w", wrong.JSONPointer, wrong.Err)
		case wrong.JSONPointer != "":
			return fmt.Errorf("%s holds %s, which the API does not document there", wrong.JSONPointer, kind(wrong.JSONKind))
		}
		return fmt.Errorf("the response is %s, not an object", kind(wrong.JSONKind))
	}
	return err
}

func kind(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "true or false"
	}
	return "null"
}
