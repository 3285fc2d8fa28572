package vectaratest_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// The client ID and secret have characters that need escaping in a form and in Basic authentication.
const (
	clientID     = "a:client"
	clientSecret = "s3cr+t &%"
)

func newFakeWithClient() *vectaratest.Fake {
	fake := newFakeV2(1)
	fake.ClientID, fake.ClientSecret = clientID, clientSecret
	return fake
}

// form encodes pairs of name and value as the body of a token request.
func form(pairs ...string) string {
	values := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		values.Add(pair[0], pair[1])
	}
	return values.Encode()
}

var rightForm = form("grant_type", "client_credentials", "client_id", clientID, "client_secret", clientSecret)

func basic(id, secret string) map[string]string {
	return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))}
}

func postToken(t *testing.T, serverURL, body string, headers map[string]string) response {
	t.Helper()
	all := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	maps.Copy(all, headers)
	return do(t, http.MethodPost, serverURL+vectaratest.TokenPath, body, all)
}

// newToken requests a token with valid credentials.
func newToken(t *testing.T, serverURL string) string {
	t.Helper()
	got := postToken(t, serverURL, rightForm, nil)
	var response struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &response); err != nil || got.status != http.StatusOK {
		t.Fatalf("status %d, %v: %s", got.status, err, got.body)
	}
	return response.AccessToken
}

// use calls v1 and v2 with a token, and returns both statuses.
func use(t *testing.T, serverURL, token string) [2]int {
	t.Helper()
	return [2]int{
		send(t, serverURL, call{headers: bearer(token)}).status,
		do(t, http.MethodGet, serverURL+usersPathV2, "", bearer(token)).status,
	}
}

var (
	alive = [2]int{200, 200}
	dead  = [2]int{401, 401}
)

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	const grant, id, secret, credentials = "grant_type", "client_id", "client_secret", "client_credentials"
	escapedID, escapedSecret := url.QueryEscape(clientID), url.QueryEscape(clientSecret)
	tests := map[string]struct {
		body    string
		headers map[string]string
		status  int
		code    string
	}{
		"JSON":                      {rightForm, map[string]string{"Content-Type": "application/json"}, 400, "invalid_request"},
		"no type":                   {rightForm, map[string]string{"Content-Type": ""}, 400, "invalid_request"},
		"no form":                   {"%zz", nil, 400, "invalid_request"},
		"no grant_type":             {form(id, clientID, secret, clientSecret), nil, 400, "invalid_request"},
		"grant_type empty":          {form(grant, "", id, clientID, secret, clientSecret), nil, 400, "invalid_request"},
		"another grant_type":        {form(grant, "password", id, clientID, secret, clientSecret), nil, 400, "unsupported_grant_type"},
		"grant_type twice":          {rightForm + "&grant_type=client_credentials", nil, 400, "invalid_request"},
		"client_secret twice":       {form(grant, credentials, id, clientID, secret, clientSecret, secret, "other"), nil, 400, "invalid_request"},
		"scope":                     {rightForm + "&scope=all", nil, 400, "invalid_request"},
		"no client":                 {form(grant, credentials), nil, 400, "invalid_client"},
		"no secret":                 {form(grant, credentials, id, clientID), nil, 400, "invalid_client"},
		"no id":                     {form(grant, credentials, secret, clientSecret), nil, 400, "invalid_client"},
		"another id":                {form(grant, credentials, id, "other", secret, clientSecret), nil, 400, "invalid_client"},
		"another secret":            {form(grant, credentials, id, clientID, secret, "other"), nil, 400, "invalid_client"},
		"client before grant_type":  {form(grant, "password", id, clientID, secret, "other"), nil, 400, "invalid_client"},
		"Basic and form":            {rightForm, basic(escapedID, escapedSecret), 400, "invalid_request"},
		"Basic and client_id":       {form(grant, credentials, id, clientID), basic(escapedID, escapedSecret), 400, "invalid_request"},
		"Basic, another secret":     {form(grant, credentials), basic(escapedID, "other"), 401, "invalid_client"},
		"Basic, another id":         {form(grant, credentials), basic("other", escapedSecret), 401, "invalid_client"},
		"Basic, empty":              {form(grant, credentials), basic("", ""), 401, "invalid_client"},
		"Basic, not escaped":        {form(grant, credentials), basic(clientID, clientSecret), 401, "invalid_client"},
		"Basic, another grant_type": {form(grant, "password"), basic(escapedID, escapedSecret), 400, "unsupported_grant_type"},
		"Bearer":                    {form(grant, credentials), bearer(token), 401, "invalid_client"},
	}
	fake := newFakeWithClient()
	server := vectaratest.NewServer(t, fake)
	t.Cleanup(func() { // after the subtests
		if tokens := fake.Tokens(); len(tokens) > 0 {
			t.Errorf("issued %q", tokens)
		}
	})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := postToken(t, server.URL, test.body, test.headers)
			checkTokenRefusal(t, got, test.status, test.code)
			if challenge := got.header.Get("WWW-Authenticate"); (test.status == 401) != (challenge == "Basic") {
				t.Errorf("WWW-Authenticate: %q", challenge)
			}
		})
	}
	t.Run("in the URL", func(t *testing.T) {
		t.Parallel()
		got := do(t, http.MethodPost, server.URL+vectaratest.TokenPath+"?"+rightForm, "",
			map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
		checkTokenRefusal(t, got, 400, "invalid_request")
	})
	t.Run("GET", func(t *testing.T) {
		t.Parallel()
		got := do(t, http.MethodGet, server.URL+vectaratest.TokenPath, "", nil)
		checkTokenRefusal(t, got, 405, "invalid_request")
		if allow := got.header.Get("Allow"); allow != "POST" {
			t.Errorf("Allow: %q", allow)
		}
	})
	t.Run("an account without a client", func(t *testing.T) {
		t.Parallel()
		fake := newFakeV2(1)
		server := vectaratest.NewServer(t, fake)
		checkTokenRefusal(t, postToken(t, server.URL, form(grant, credentials), basic("", "")), 401, "invalid_client")
		fake.ClientSecret = clientSecret
		checkTokenRefusal(t, postToken(t, server.URL, form(grant, credentials, secret, clientSecret), nil), 400, "invalid_client")
	})
	t.Run("missing and wrong credentials differ", func(t *testing.T) {
		t.Parallel()
		missing := postToken(t, server.URL, form(grant, credentials), nil)
		wrong := postToken(t, server.URL, form(grant, credentials, id, clientID), nil)
		if missing.body == wrong.body {
			t.Errorf("both are %s", missing.body)
		}
	})
}

func checkTokenRefusal(t *testing.T, got response, status int, code string) {
	t.Helper()
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	if got.status != status || body.Error != code || body.Description == "" || strings.ContainsAny(body.Description, `"\`) {
		t.Errorf("got status %d, %s, want %d with %s", got.status, got.body, status, code)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	fake := newFakeWithClient()
	server := vectaratest.NewServer(t, fake)
	for name, got := range map[string]response{
		"form":              postToken(t, server.URL, rightForm, nil),
		"form in UTF-8":     postToken(t, server.URL, rightForm, map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}),
		"Basic":             postToken(t, server.URL, "grant_type=client_credentials", basic(url.QueryEscape(clientID), url.QueryEscape(clientSecret))),
		"Basic, empty form": postToken(t, server.URL, "grant_type=client_credentials&client_id=", basic(url.QueryEscape(clientID), url.QueryEscape(clientSecret))),
	} {
		before, after, _ := strings.Cut(got.body, `"access_token":"`)
		issued, rest, _ := strings.Cut(after, `"`)
		if got.status != http.StatusOK || before != "{" || rest != `,"token_type":"Bearer","expires_in":1800}` || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %+v", name, got)
		}
		if len(issued) < 40 || !slices.Contains(fake.Tokens(), issued) {
			t.Errorf("%s: the token %q is not among %q", name, issued, fake.Tokens())
		}
		if got := use(t, server.URL, issued); got != alive {
			t.Errorf("%s: the statuses with the token are %v", name, got)
		}
	}
	tokens := fake.Tokens()
	slices.Sort(tokens)
	if len(slices.Compact(tokens)) != 4 {
		t.Errorf("issued %q", tokens)
	}
}

func TestTokenLifetime(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for lifetime, want := range map[time.Duration]struct {
		lives     time.Duration
		expiresIn string
	}{
		0:                       {30 * time.Minute, "1800"},
		90 * time.Second:        {90 * time.Second, "90"},
		1999 * time.Millisecond: {1999 * time.Millisecond, "1"},
	} {
		now := start
		fake := newFakeWithClient()
		fake.TokenLifetime = lifetime
		fake.Now = func() time.Time { return now }
		server := vectaratest.NewServer(t, fake)
		got := postToken(t, server.URL, rightForm, nil)
		if !strings.HasSuffix(got.body, `"expires_in":`+want.expiresIn+`}`) {
			t.Errorf("%v: got %s", lifetime, got.body)
		}
		issued := fake.Tokens()[0]
		now = start.Add(want.lives - 1)
		if got := use(t, server.URL, issued); got != alive {
			t.Errorf("%v: before it expires, the statuses with the token are %v", lifetime, got)
		}
		now = start.Add(want.lives)
		if got := use(t, server.URL, issued); got != dead {
			t.Errorf("%v: when it expires, the statuses with the token are %v", lifetime, got)
		}
		if got := use(t, server.URL, token); got != alive {
			t.Errorf("%v: the statuses with the fixed token are %v", lifetime, got)
		}
	}
}

func TestTokenIsDeadWhenIssued(t *testing.T) {
	t.Parallel()
	fake := newFakeWithClient()
	fake.TokenLifetime = -1
	server := vectaratest.NewServer(t, fake)
	if got := postToken(t, server.URL, rightForm, nil); !strings.HasSuffix(got.body, `"expires_in":0}`) {
		t.Errorf("got %s", got.body)
	}
	if got := use(t, server.URL, fake.Tokens()[0]); got != dead {
		t.Errorf("the statuses with the token are %v", got)
	}
}

// Each version has its own body for the 401 of an expired token.
func TestDeadToken(t *testing.T) {
	t.Parallel()
	fake := newFakeWithClient()
	server := vectaratest.NewServer(t, fake)
	issued := newToken(t, server.URL)
	fake.ExpireTokens()
	v1 := send(t, server.URL, call{headers: bearer(issued)})
	if want := `{"code":16,"message":"the JWT is missing or did not authenticate","details":[]}`; v1.status != 401 || v1.body != want {
		t.Errorf("got %+v, want %s", v1, want)
	}
	v2 := do(t, http.MethodGet, server.URL+usersPathV2, "", bearer(issued))
	if want := `{"messages":["The token is not valid or has expired."],"request_id":"req_000001"}`; v2.status != 401 || v2.body != want {
		t.Errorf("got %+v, want %s", v2, want)
	}
}

func TestExpireTokens(t *testing.T) {
	t.Parallel()
	fake := newFakeWithClient()
	server := vectaratest.NewServer(t, fake)
	first, second := newToken(t, server.URL), newToken(t, server.URL)
	if use(t, server.URL, first) != alive || use(t, server.URL, second) != alive {
		t.Error("a token expires when another token is issued")
	}
	fake.ExpireTokens()
	third := newToken(t, server.URL)
	for issued, want := range map[string][2]int{first: dead, second: dead, third: alive, token: alive} {
		if got := use(t, server.URL, issued); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if got, want := fake.Tokens(), []string{first, second, third}; !slices.Equal(got, want) {
		t.Errorf("issued %q, want %q", got, want)
	}
}

func TestTokenCalls(t *testing.T) {
	t.Parallel()
	fake := newFakeWithClient()
	fake.TokenCalls = 3
	server := vectaratest.NewServer(t, fake)
	for range 2 { // each token has a separate count
		issued := newToken(t, server.URL)
		for _, want := range [][2]int{{200, 200}, {200, 401}, {401, 401}} {
			if got := use(t, server.URL, issued); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	}
	for range 2 {
		if got := use(t, server.URL, token); got != alive {
			t.Errorf("the statuses with the fixed token are %v", got)
		}
	}
}

// InvalidTokenStatus changes the status for an expired token in v2, but not in v1.
func TestInvalidTokenStatus(t *testing.T) {
	t.Parallel()
	fake := newFakeWithClient()
	fake.TokenCalls = 1
	fake.InvalidTokenStatus = http.StatusForbidden
	server := vectaratest.NewServer(t, fake)
	issued := newToken(t, server.URL)
	for _, want := range [][2]int{{200, 403}, {401, 403}} {
		if got := use(t, server.URL, issued); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	for _, path := range []string{usersPathV2, appClientsPath} {
		if got := do(t, http.MethodGet, server.URL+path, "", bearer(issued)); got.status != http.StatusForbidden || !strings.HasPrefix(got.body, `{"messages":["`) {
			t.Errorf("%s: got %+v", path, got)
		}
		if got := do(t, http.MethodGet, server.URL+path, "", bearer(token)); got.status != http.StatusOK {
			t.Errorf("%s, the fixed token: got %+v", path, got)
		}
		if got := do(t, http.MethodGet, server.URL+path, "", nil); got.status != http.StatusUnauthorized {
			t.Errorf("%s, no token: got %+v", path, got)
		}
	}
}

func TestTokenRequestsAreSeparate(t *testing.T) {
	t.Parallel()
	fake := newFakeWithClient()
	fail := func(status int) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 1 {
				w.WriteHeader(status)
			}
			return n == 1
		}
	}
	fake.Intercept, fake.InterceptToken = fail(502), fail(503)
	server := vectaratest.NewServer(t, fake)
	for _, want := range []int{503, 200} {
		if got := postToken(t, server.URL, rightForm, nil).status; got != want {
			t.Errorf("token: got %d, want %d", got, want)
		}
	}
	for _, want := range []int{502, 200} {
		if got := get(t, server.URL, "limit=7").status; got != want {
			t.Errorf("users: got %d, want %d", got, want)
		}
	}
	requests, tokenRequests := fake.Requests(), fake.TokenRequests()
	if len(requests) != 2 || requests[0].Status != 502 || requests[1].Status != 200 ||
		requests[1].Path != usersPathV2 || requests[1].Query.Get("limit") != "7" {
		t.Errorf("recorded %+v", requests)
	}
	if len(tokenRequests) != 2 || tokenRequests[0].Status != 503 || tokenRequests[1].Status != 200 ||
		tokenRequests[1].Path != vectaratest.TokenPath || string(tokenRequests[1].Body) != rightForm {
		t.Errorf("recorded %+v", tokenRequests)
	}
}
