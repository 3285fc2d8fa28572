package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// errEndsEarly is a body that is the beginning of a JSON text, or nothing at all.
var errEndsEarly = errors.New("the answer ends in the middle of its JSON")

// Decode reads the JSON of an answer. Its errors say in plain words what is not as the vendor
// documents it; they name JSON types, never Go's.
func Decode(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if syntax.Offset >= int64(len(bytes.TrimSpace(body))) {
			return errEndsEarly
		}
		return errors.New("the answer is not JSON")
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return fmt.Errorf("the answer is a JSON %s, not an object", wrong.Value)
		}
		return fmt.Errorf("%q holds a JSON %s, which the API does not document there", wrong.Field, wrong.Value)
	}
	return err
}
