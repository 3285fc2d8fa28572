package biglist

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
)

// inner stands in for the framework's server: it leaves a list, as a data source would, and gives
// an answer of the test's.
type inner struct {
	tfprotov6.ProviderServer
	leaves bool
	answer *tfprotov6.DynamicValue
	// diagnostics and err come with it, unless there is no answer at all.
	diagnostics []*tfprotov6.Diagnostic
	err         error
	nothing     bool
	calls       *int
}

// ask is one call: it gives the answer of the test's, or, when it is called without a place for a
// list, the framework's own.
func (s inner) ask(ctx context.Context) *tfprotov6.DynamicValue {
	*s.calls++
	text := "x"
	if s.leaves {
		if value := things.List(ctx, "things", []thing{{text: &text}}); !value.IsNull() {
			return &tfprotov6.DynamicValue{MsgPack: []byte("the framework's own")}
		}
	}
	if s.answer == nil {
		return nil
	}
	answer := *s.answer
	return &answer
}

func (s inner) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	answer := s.ask(ctx)
	if s.nothing {
		return nil, s.err
	}
	return &tfprotov6.ReadDataSourceResponse{State: answer, Diagnostics: s.diagnostics}, s.err
}

func (s inner) OpenEphemeralResource(ctx context.Context, _ *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	answer := s.ask(ctx)
	if s.nothing {
		return nil, s.err
	}
	return &tfprotov6.OpenEphemeralResourceResponse{Result: answer, Diagnostics: s.diagnostics}, s.err
}

func TestServer(t *testing.T) {
	t.Parallel()
	msgPack := func(text string) *tfprotov6.DynamicValue { return &tfprotov6.DynamicValue{MsgPack: []byte(text)} }
	// The object {"a": 1, "things": null, "z": [true]}, and with a list of one thing.
	const object = "\x83\xa1a\x01\xa6things\xc0\xa1z\x91\xc3"
	const full = "\x83\xa1a\x01\xa6things\x91" +
		"\x86\xa6number\xc0\xa5parts\xc0\xa4text\xa1x\xa5texts\x90\xa5truth\xc0\xa5whole\xc0" + "\xa1z\x91\xc3"
	const own = "the framework's own"
	broken := errors.New("broken")
	serious := []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "no"}}
	warning := []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "hm"}}

	for name, test := range map[string]struct {
		inner inner
		want  string // "": no object
		calls int
		limit int
		// summaries of the diagnostics
		diagnostics []string
		err         error
	}{
		"a list":                  {inner: inner{leaves: true, answer: msgPack(object)}, want: full, calls: 1},
		"with a warning":          {inner: inner{leaves: true, answer: msgPack(object), diagnostics: warning}, want: full, calls: 1, diagnostics: []string{"hm"}},
		"just small enough":       {inner: inner{leaves: true, answer: msgPack(object)}, want: full, calls: 1, limit: len(full)},
		"too large":               {inner: inner{leaves: true, answer: msgPack(object)}, calls: 1, limit: len(full) - 1, diagnostics: []string{"too large"}},
		"too large, and warning":  {inner: inner{leaves: true, answer: msgPack(object), diagnostics: warning}, calls: 1, limit: 9, diagnostics: []string{"hm", "too large"}},
		"no list":                 {inner: inner{answer: msgPack(object)}, want: object, calls: 1},
		"no object":               {inner: inner{leaves: true}, calls: 1},
		"a failure":               {inner: inner{leaves: true, answer: msgPack(object), diagnostics: serious}, want: object, calls: 1, diagnostics: []string{"no"}},
		"an error":                {inner: inner{leaves: true, answer: msgPack(object), err: broken}, want: object, calls: 1, err: broken},
		"no answer":               {inner: inner{leaves: true, nothing: true}, calls: 1},
		"no answer and an error":  {inner: inner{leaves: true, nothing: true, err: broken}, calls: 1, err: broken},
		"JSON":                    {inner: inner{leaves: true, answer: &tfprotov6.DynamicValue{JSON: []byte(`{"things": null}`)}}, want: own, calls: 2},
		"no such attribute":       {inner: inner{leaves: true, answer: msgPack("\x81\xa1a\x01")}, want: own, calls: 2},
		"an empty object":         {inner: inner{leaves: true, answer: msgPack("\x80")}, want: own, calls: 2},
		"a null object":           {inner: inner{leaves: true, answer: msgPack("\xc0")}, want: own, calls: 2},
		"no bytes":                {inner: inner{leaves: true, answer: msgPack("")}, want: own, calls: 2},
		"no object but a list":    {inner: inner{leaves: true, answer: msgPack("\x91\xa6things")}, want: own, calls: 2},
		"a list that is there":    {inner: inner{leaves: true, answer: msgPack("\x81\xa6things\x90")}, want: own, calls: 2},
		"a list that is unknown":  {inner: inner{leaves: true, answer: msgPack("\x81\xa6things\xd4\x00\x00")}, want: own, calls: 2},
		"a name that is a number": {inner: inner{leaves: true, answer: msgPack("\x82\x01\x01\xa6things\xc0")}, want: own, calls: 2},
		"cut off in a value":      {inner: inner{leaves: true, answer: msgPack(object[:len(object)-1])}, want: own, calls: 2},
		"cut off in a name":       {inner: inner{leaves: true, answer: msgPack(object[:7])}, want: own, calls: 2},
		"something after it":      {inner: inner{leaves: true, answer: msgPack(object + "\xc0")}, want: own, calls: 2},
		"the name in other places": {inner: inner{leaves: true, answer: msgPack("\x83\xa1a\xa6things\xa1b\x81\xa6things\xc0\xa6things\xc0")},
			want: "\x83\xa1a\xa6things\xa1b\x81\xa6things\xc0" + full[4:len(full)-4], calls: 1},
	} {
		for _, kind := range []string{"data", "ephemeral"} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				calls := 0
				framework := test.inner
				framework.calls = &calls
				s := &Server{ProviderServer: framework, MaxObject: cmp.Or(test.limit, MaxObject), TooLarge: func(size int) *tfprotov6.Diagnostic {
					if size != len(full) {
						t.Errorf("the size is given as %d, want %d", size, len(full))
					}
					return &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: "too large"}
				}}
				var object *tfprotov6.DynamicValue
				var diagnostics []*tfprotov6.Diagnostic
				var err error
				if kind == "data" {
					var response *tfprotov6.ReadDataSourceResponse
					if response, err = s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{}); response != nil {
						object, diagnostics = response.State, response.Diagnostics
					}
				} else {
					var response *tfprotov6.OpenEphemeralResourceResponse
					if response, err = s.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{}); response != nil {
						object, diagnostics = response.Result, response.Diagnostics
					}
				}
				if !errors.Is(err, test.err) {
					t.Errorf("the error is %v, want %v", err, test.err)
				}
				if calls != test.calls {
					t.Errorf("the framework was called %d times, want %d", calls, test.calls)
				}
				if test.want == "" && object != nil || test.want != "" && (object == nil || string(object.MsgPack) != test.want) {
					t.Errorf("got %+q, want %+q", object, test.want)
				}
				if len(diagnostics) != len(test.diagnostics) {
					t.Fatalf("there are %d diagnostics, want %q", len(diagnostics), test.diagnostics)
				}
				for i, d := range diagnostics {
					if d.Summary != test.diagnostics[i] {
						t.Errorf("diagnostic %d is %q, want %q", i, d.Summary, test.diagnostics[i])
					}
				}
			})
		}
	}
}

// The buffer is made large enough for what is encoded, and not much larger.
func TestSize(t *testing.T) {
	t.Parallel()
	list := func(n int, length func(i int) int) []thing {
		things := make([]thing, n)
		for i := range things {
			text := strings.Repeat("x", length(i))
			things[i].text = &text
		}
		return things
	}
	for _, test := range []struct {
		name string
		list []thing
		over float64 // how much larger the buffer may be
	}{
		{"nothing", list(0, nil), 0},
		{"one", list(1, func(int) int { return 9 }), 0.04},
		{"fewer than the sample", list(200, func(i int) int { return i }), 0.04},
		{"as many and one", list(257, func(i int) int { return i }), 0.04},
		{"all lengths", list(9_999, func(i int) int { return i * 7919 % 90 }), 0.06},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var written bounded
			if err := things.encode(msgpack.NewEncoder(&written), test.list); err != nil {
				t.Fatal(err)
			}
			if got := things.size(test.list); got < int64(written.size) || float64(got) > float64(written.size)*(1+test.over)+16 {
				t.Errorf("room for %d bytes, of which there are %d", got, written.size)
			}
			var place place
			things.List(context.WithValue(t.Context(), placeKey{}, &place), "things", test.list)
			const empty = "\x81\xa6things\xc0"
			object := tfprotov6.DynamicValue{MsgPack: []byte(empty)}
			if _, err := (&Server{MaxObject: MaxObject}).complete(&object, place); err != nil || cap(object.MsgPack) != len(empty)+int(things.size(test.list)) {
				t.Errorf("%d bytes in a buffer of %d: %v", len(object.MsgPack), cap(object.MsgPack), err)
			}
		})
	}
}

// A buffer that turns out to be too small grows.
func TestSizeIsNoLimit(t *testing.T) {
	t.Parallel()
	list := make([]thing, 1000)
	long := strings.Repeat("x", 1<<20)
	list[1].text = &long // which is not in the sample
	var place place
	things.List(context.WithValue(t.Context(), placeKey{}, &place), "things", list)
	object := tfprotov6.DynamicValue{MsgPack: []byte("\x81\xa6things\xc0")}
	if _, err := (&Server{MaxObject: MaxObject}).complete(&object, place); err != nil {
		t.Fatal(err)
	}
	if want := "\x81\xa6things" + string(encoded(t, things.value(list))); string(object.MsgPack) != want {
		t.Errorf("%d bytes, want %d", len(object.MsgPack), len(want))
	}
}
