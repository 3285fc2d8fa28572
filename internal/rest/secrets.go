package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

const (
	// minSecret is the length below which a secret is not looked for in results, in bytes: a shorter one may
	// well be a part of somebody's name.
	minSecret = 8
	// minShown is the same for what is shown of an error.
	minShown = 4
)

// secretFilter finds secrets in what a server sends, since it may repeat the headers of a request: as they
// are, in base64 or hex, or escaped in the ways of JSON, URLs and HTML.
type secretFilter struct {
	secrets []string
	results [][]byte // forms that are looked for in results
	texts   [][]byte // forms that are looked for in what is shown of an error: double encodings as well
}

// secrets is the filter for the secrets so far: those of the credential, and of a proxy. No vendor sees a
// proxy's password, so that it is not looked for in results: it may be a word that is in all of them.
func (c *Client) secrets() *secretFilter {
	secrets := c.config.Credential.Secrets()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.filter == nil || !slices.Equal(c.filter.secrets, secrets) {
		c.filter = newSecretFilter(secrets)
		c.filter.texts = append(c.filter.texts, newSecretFilter(c.proxySecrets).texts...)
	}
	return c.filter
}

// proxySecrets are the password of the proxy that a URL is requested through, and the pair of user and
// password, which is sent in base64.
func proxySecrets(target string) []string {
	request, err := http.NewRequest(http.MethodGet, target, http.NoBody) //nolint:noctx // It is not sent.
	if err != nil {
		return nil
	}
	proxy, err := http.ProxyFromEnvironment(request)
	if err != nil || proxy == nil {
		return nil
	}
	password, ok := proxy.User.Password()
	if !ok {
		return nil
	}
	return []string{password, proxy.User.Username() + ":" + password}
}

func newSecretFilter(secrets []string) *secretFilter {
	f := &secretFilter{secrets: secrets}
	for _, secret := range secrets {
		if len(secret) < minShown {
			continue
		}
		once := append(encodings(secret), secret)
		if inQuery := strings.ReplaceAll(secret, " ", "+"); inQuery != secret {
			once = append(once, inQuery)
		}
		if len(secret) >= minSecret {
			for _, form := range once {
				f.results = append(f.results, []byte(form))
			}
		}
		for _, form := range append(once, strings.ToLower(secret), inPointer.Replace(secret)) {
			f.texts = append(f.texts, []byte(form))
			if len(secret) >= minSecret {
				for _, twice := range encodings(form) {
					f.texts = append(f.texts, []byte(twice))
				}
			}
		}
	}
	return f
}

// inPointer escapes a name as a JSON pointer does.
var inPointer = strings.NewReplacer("~", "~0", "/", "~1")

// encodings are the forms that a text has in base64, of either alphabet and wherever it begins in a
// longer text, and in hex.
func encodings(text string) []string {
	forms := []string{hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text)))}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			// A character holds six bits. Left out are those that hold bits of what is in front or behind.
			encoded := alphabet.EncodeToString(append(make([]byte, offset), text...))
			form := encoded[(offset*8+5)/6 : (offset+len(text))*8/6]
			if len(form) >= 4 && !slices.Contains(forms, form) {
				forms = append(forms, form)
			}
		}
	}
	return forms
}

// foundIn says whether a result holds a secret.
func (f *secretFilter) foundIn(body []byte) bool { return found(f.results, body) }

// foundInText says whether a text that is to be shown holds a secret, in upper or lower case.
func (f *secretFilter) foundInText(text string) bool {
	return found(f.texts, []byte(text)) || found(f.texts, []byte(strings.ToLower(text)))
}

// found looks for any of the forms in a text, and in what the text is when its escapes are resolved, up to
// three times.
func found(forms [][]byte, text []byte) bool {
	for range 4 {
		if slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(text, form) }) {
			return true
		}
		plain := unescape(text)
		if bytes.Equal(plain, text) {
			return false
		}
		text = plain
	}
	return false
}

// unescape resolves the escapes of JSON, URLs and HTML wherever there seem to be any.
func unescape(text []byte) []byte {
	if bytes.IndexByte(text, '\\') >= 0 {
		text = unescapeJSON(text)
	}
	if bytes.IndexByte(text, '%') >= 0 {
		text = unescapeURL(text)
	}
	if bytes.IndexByte(text, '&') >= 0 {
		text = []byte(html.UnescapeString(string(text)))
	}
	return text
}

func unescapeJSON(text []byte) []byte {
	plain := make([]byte, 0, len(text))
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			return append(plain, text...)
		}
		plain, text = append(plain, text[:i]...), text[i+1:]
		if text[0] != 'u' || len(text) < len("u0000") {
			plain, text = append(plain, text[0]), text[1:]
			continue
		}
		unit, _ := strconv.ParseUint(string(text[1:5]), 16, 16)
		char := rune(unit)
		text = text[5:]
		if utf16.IsSurrogate(char) && len(text) >= len(`\u0000`) && text[0] == '\\' && text[1] == 'u' {
			low, _ := strconv.ParseUint(string(text[2:6]), 16, 16)
			char = utf16.DecodeRune(char, rune(low))
			text = text[6:]
		}
		plain = append(plain, string(char)...)
	}
}

func unescapeURL(text []byte) []byte {
	plain := make([]byte, 0, len(text))
	for {
		i := bytes.IndexByte(text, '%')
		if i < 0 || i+len("%00") > len(text) {
			return append(plain, text...)
		}
		plain = append(plain, text[:i]...)
		var char [1]byte
		if _, err := hex.Decode(char[:], text[i+1:i+3]); err == nil {
			plain, text = append(plain, char[0]), text[i+3:]
		} else {
			plain, text = append(plain, '%'), text[i+1:]
		}
	}
}
