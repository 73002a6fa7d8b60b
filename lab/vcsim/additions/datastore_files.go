package additions

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// GuardDatastoreFiles asks for a session and a privilege before a datastore file is read or written over HTTPS, where
// upstream serves anybody. Its patterns name a method, so they come before upstream's own.
func (a *Additions) GuardDatastoreFiles(service *simulator.Service) {
	guarded := func(privilege string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			user, ok := signedIn(service, r)
			if !ok {
				w.Header().Set("WWW-Authenticate", `Basic realm="VMware HTTP server"`)
				http.Error(w, "not signed in", http.StatusUnauthorized)
				return
			}
			datastore := a.datastoreNamed(service.Context, r.URL.Query().Get("dsName"))
			if datastore == nil {
				http.Error(w, "no such datastore", http.StatusNotFound)
				return
			}
			if !a.isGranted(service.Context, datastore, user, privilege) {
				http.Error(w, "no permission: "+privilege, http.StatusForbidden)
				return
			}
			if directory := path.Dir(strings.TrimPrefix(r.URL.Path, "/folder/")); r.Method == http.MethodPut && !exists(path.Join(datastore.Summary.Url, directory)) {
				http.Error(w, "no such folder: "+directory, http.StatusNotFound)
				return
			}
			service.ServeDatastore(w, r)
		}
	}
	service.ServeMux.HandleFunc("GET /folder/", guarded("Datastore.Browse"))
	service.ServeMux.HandleFunc("PUT /folder/", guarded("Datastore.FileManagement"))
}

func (a *Additions) datastoreNamed(ctx *simulator.Context, name string) *simulator.Datastore {
	for _, entity := range ctx.Map.All("Datastore") {
		if datastore, ok := entity.(*simulator.Datastore); ok && datastore.Name == name {
			return datastore
		}
	}
	return nil
}

// signedIn finds the session of the request's cookie in upstream's own list.
func signedIn(service *simulator.Service, r *http.Request) (string, bool) {
	cookie, err := r.Cookie(soap.SessionCookieName)
	if err != nil {
		return "", false
	}
	view := simulator.Session{Registry: simulator.NewRegistry(), Map: service.Context.Map}
	manager, ok := view.Get(*serviceContent(service.Context).SessionManager).(*simulator.SessionManager)
	if !ok {
		return "", false
	}
	i := slices.IndexFunc(manager.SessionList, func(session types.UserSession) bool {
		return session.Key == strings.Trim(cookie.Value, `"`)
	})
	if i < 0 {
		return "", false
	}
	return manager.SessionList[i].UserName, true
}
