package biglist

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
)

// inner replaces the framework's server in tests. It calls Store, as a data source does, and returns a fixed
// response.
type inner struct {
	tfprotov6.ProviderServer
	callsList bool
	response  *tfprotov6.DynamicValue
	// diagnostics and err are returned with the response.
	diagnostics []*tfprotov6.Diagnostic
	err         error
	nothing     bool // return a nil response
}

func (s inner) call(ctx context.Context) *tfprotov6.DynamicValue {
	text := "x"
	if s.callsList {
		if err := Store(ctx, "things", things, []thing{{text: &text}}); err != nil {
			panic(err)
		}
	}
	return s.response
}

func (s inner) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	object := s.call(ctx)
	if s.nothing {
		return nil, s.err
	}
	return &tfprotov6.ReadDataSourceResponse{State: object, Diagnostics: s.diagnostics}, s.err
}

func (s inner) OpenEphemeralResource(ctx context.Context, _ *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	object := s.call(ctx)
	if s.nothing {
		return nil, s.err
	}
	return &tfprotov6.OpenEphemeralResourceResponse{Result: object, Diagnostics: s.diagnostics}, s.err
}

func TestServer(t *testing.T) {
	t.Parallel()
	msgPack := func(text string) *tfprotov6.DynamicValue { return &tfprotov6.DynamicValue{MsgPack: []byte(text)} }
	// object is {"a": 1, "things": null, "z": [true]}, and full is the same object with a list of one thing.
	const object = "\x83\xa1a\x01\xa6things\xc0\xa1z\x91\xc3"
	const full = "\x83\xa1a\x01\xa6things\x91" +
		"\x89\xa5lists\x80\xa5named\x80\xa6nested\xc0\xa6number\xc0\xa5parts\xc0\xa4text\xa1x\xa5texts\x90\xa5truth\xc0\xa5whole\xc0" + "\xa1z\x91\xc3"
	broken := errors.New("broken")
	serious := []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "no"}}
	warning := []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "hm"}}

	for name, test := range map[string]struct {
		inner inner
		want  string // "" for no object
		limit int
		// the summaries of the diagnostics
		diagnostics []string
		err         error
	}{
		"a list":                       {inner: inner{callsList: true, response: msgPack(object)}, want: full},
		"with a warning":               {inner: inner{callsList: true, response: msgPack(object), diagnostics: warning}, want: full, diagnostics: []string{"hm"}},
		"just small enough":            {inner: inner{callsList: true, response: msgPack(object)}, want: full, limit: len(full)},
		"too large":                    {inner: inner{callsList: true, response: msgPack(object)}, limit: len(full) - 1, diagnostics: []string{"too large"}},
		"too large, and warning":       {inner: inner{callsList: true, response: msgPack(object), diagnostics: warning}, limit: 9, diagnostics: []string{"hm", "too large"}},
		"no list":                      {inner: inner{response: msgPack(object)}, want: object},
		"no object":                    {inner: inner{callsList: true}},
		"an error diagnostic":          {inner: inner{callsList: true, response: msgPack(object), diagnostics: serious}, want: object, diagnostics: []string{"no"}},
		"an error":                     {inner: inner{callsList: true, response: msgPack(object), err: broken}, want: object, err: broken},
		"no response":                  {inner: inner{callsList: true, nothing: true}},
		"no response and an error":     {inner: inner{callsList: true, nothing: true, err: broken}, err: broken},
		"JSON":                         {inner: inner{callsList: true, response: &tfprotov6.DynamicValue{JSON: []byte(`{"things": null}`)}}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"no such attribute":            {inner: inner{callsList: true, response: msgPack("\x81\xa1a\x01")}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"an empty object":              {inner: inner{callsList: true, response: msgPack("\x80")}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"a null object":                {inner: inner{callsList: true, response: msgPack("\xc0")}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"no bytes":                     {inner: inner{callsList: true, response: msgPack("")}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"a list instead of an object":  {inner: inner{callsList: true, response: msgPack("\x91\xa6things")}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"a list instead of a null":     {inner: inner{callsList: true, response: msgPack("\x81\xa6things\x90")}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"an unknown instead of a null": {inner: inner{callsList: true, response: msgPack("\x81\xa6things\xd4\x00\x00")}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"a name that is a number":      {inner: inner{callsList: true, response: msgPack("\x82\x01\x01\xa6things\xc0")}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"cut off in a value":           {inner: inner{callsList: true, response: msgPack(object[:len(object)-1])}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"cut off in a name":            {inner: inner{callsList: true, response: msgPack(object[:7])}, diagnostics: []string{"Unexpected response of the plugin framework"}},
		"the name in other values": {inner: inner{callsList: true, response: msgPack("\x83\xa1a\xa6things\xa1b\x81\xa6things\xc0\xa6things\xc0")},
			want: "\x83\xa1a\xa6things\xa1b\x81\xa6things\xc0" + full[4:len(full)-4]},
	} {
		for _, kind := range []string{"data", "ephemeral"} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				s := &Server{ProviderServer: test.inner, MaxObject: cmp.Or(test.limit, MaxObject), TooLarge: func(attribute string, size int) *tfprotov6.Diagnostic {
					if attribute != "things" || size != len(full) {
						t.Errorf("TooLarge got %s and %d bytes, want things and %d", attribute, size, len(full))
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
				if test.want == "" && object != nil || test.want != "" && (object == nil || string(object.MsgPack) != test.want) {
					t.Errorf("got %+q, want %+q", object, test.want)
				}
				if len(diagnostics) != len(test.diagnostics) {
					t.Fatalf("got %d diagnostics, want %q", len(diagnostics), test.diagnostics)
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

// The buffer of a response has exactly the size of the response.
func TestBuffer(t *testing.T) {
	t.Parallel()
	elements := make([]thing, 9_999)
	for i := range elements {
		text := strings.Repeat("x", i*7919%90)
		elements[i].text = &text
	}
	var stored pending
	if err := Store(context.WithValue(t.Context(), pendingKey{}, &stored), "things", things, elements); err != nil {
		t.Fatal(err)
	}
	got, diags := (&Server{MaxObject: MaxObject}).complete(t.Context(), &tfprotov6.DynamicValue{MsgPack: []byte("\x81\xa6things\xc0")}, nil, &stored)
	if len(diags) > 0 {
		t.Fatal(diags[0])
	}
	if want := "\x81\xa6things" + string(encoded(t, frameworkList(elements))); string(got.MsgPack) != want {
		t.Errorf("got %d bytes, want %d", len(got.MsgPack), len(want))
	}
	if len(got.MsgPack) != cap(got.MsgPack) {
		t.Errorf("got %d bytes in a buffer of %d", len(got.MsgPack), cap(got.MsgPack))
	}
}

// A huge list is no longer in memory when gRPC copies the response.
func TestReleasesList(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", hugeObject)
	elements := []thing{{text: &text}}
	stored, element := new(pending), weak.Make(&elements[0])
	if err := Store(context.WithValue(t.Context(), pendingKey{}, stored), "things", things, elements); err != nil {
		t.Fatal(err)
	}
	got, _ := (&Server{MaxObject: MaxObject}).complete(t.Context(), &tfprotov6.DynamicValue{MsgPack: []byte("\x81\xa6things\xc0")}, nil, stored)
	if got == nil {
		t.Fatal("got no response")
	}
	if element.Value() != nil {
		t.Error("the list is still in memory")
	}
	runtime.KeepAlive(stored)
}

// The encoding of a list ends soon after its context, even within a single element.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	encoded := 0
	list := pending{attribute: "things", encode: func(e *msgpack.Encoder) error { // as the encoding of one element with many values
		for encoded = range 1_000_000 {
			if encoded == 10 {
				interrupt()
			}
			if err := e.EncodeInt(1); err != nil {
				return err
			}
		}
		return nil
	}}
	got, diags := (&Server{MaxObject: MaxObject}).complete(ctx, &tfprotov6.DynamicValue{MsgPack: []byte("\x81\xa6things\xc0")}, nil, &list)
	if got != nil || len(diags) != 1 || diags[0].Summary != "Interrupted" || encoded > 1000 {
		t.Errorf("after %d values, got %d diagnostics and %+v", encoded, len(diags), got)
	}
}

// freeMemory waits for memory until maxHeapWait has passed or the context ends.
func TestFreeMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := freeMemory(t.Context(), maxHeap); err != nil || time.Since(start) > 0 {
			t.Errorf("with room: got %v after %s", err, time.Since(start))
		}
		if err := freeMemory(t.Context(), 0); err != nil || time.Since(start) != maxHeapWait {
			t.Errorf("without room: got %v after %s", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if err := freeMemory(ctx, 0); err == nil || time.Since(start) != time.Second {
			t.Errorf("with an interrupt: got %v after %s", err, time.Since(start))
		}
	})
}

// contextKeeper keeps the context of a call, as an idle connection of net/http does.
type contextKeeper struct {
	inner
	kept *context.Context
}

func (s contextKeeper) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	*s.kept = ctx
	return s.inner.ReadDataSource(ctx, req)
}

func (s contextKeeper) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	*s.kept = ctx
	return s.inner.OpenEphemeralResource(ctx, req)
}

// When a call returns, its context ends, and no longer has the list.
func TestEndOfACall(t *testing.T) {
	t.Parallel()
	var kept context.Context
	s := &Server{ProviderServer: contextKeeper{inner{callsList: true, response: &tfprotov6.DynamicValue{MsgPack: []byte("\x81\xa6things\xc0")}}, &kept}, MaxObject: MaxObject}
	for kind, call := range map[string]func() error{
		"data":      func() error { _, err := s.ReadDataSource(t.Context(), nil); return err },
		"ephemeral": func() error { _, err := s.OpenEphemeralResource(t.Context(), nil); return err },
	} {
		if err := call(); err != nil {
			t.Fatal(err)
		}
		if list, ok := kept.Value(pendingKey{}).(*pending); kept.Err() == nil || !ok || list.encode != nil {
			t.Errorf("%s: the context has the error %v and the list %v", kind, kept.Err(), list)
		}
	}
}

// Two calls with large objects encode them one after the other. The test is not parallel, because other tests use the
// same semaphore.
func TestLargeObjectsOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("x", largeObject)
		var active atomic.Int64
		call := func() {
			calls := 0
			list := pending{attribute: "things", encode: func(e *msgpack.Encoder) error {
				if calls++; calls == 2 { // the first call only counts bytes
					if n := active.Add(1); n > 1 {
						t.Errorf("%d objects are encoded at the same time", n)
					}
					<-time.After(time.Second) // of the bubble's clock
					active.Add(-1)
				}
				return e.EncodeString(long)
			}}
			_, diags := (&Server{MaxObject: MaxObject}).complete(t.Context(), &tfprotov6.DynamicValue{MsgPack: []byte("\x81\xa6things\xc0")}, nil, &list)
			if len(diags) > 0 || calls != 2 {
				t.Errorf("got %d diagnostics after %d calls of encode", len(diags), calls)
			}
		}
		var all sync.WaitGroup
		all.Go(call)
		all.Go(call)
		all.Wait()
	})
}
