using System.Text;

namespace OverlayImg.Images;

/// <summary>A file in which <c>docker login</c> or <c>podman login</c> keeps credentials (docker's config.json, containers-auth.json(5)).</summary>
internal sealed class CredentialFile
{
    /// <summary>What docker calls Docker Hub.</summary>
    public const string DockerHubKey = "https://index.docker.io/v1/";

    private const int MaximumLength = 4 << 20;
    private static readonly string[] DockerHubNames = ["docker.io", "index.docker.io", "registry-1.docker.io"];

    private readonly string? _store;
    private readonly Dictionary<string, string> _helpers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Credential> _credentials = new(StringComparer.Ordinal);

    private CredentialFile(JsonInput root)
    {
        _store = root.Text("credsStore") is { Length: > 0 } store ? store : null;
        foreach (var (name, value) in root.Optional("credHelpers")?.Members() ?? [])
        {
            if (value.IsNull || value.Text() is not { Length: > 0 } helper) continue;
            _helpers.TryAdd(Place(name), helper);
        }

        foreach (var (name, value) in root.Optional("auths")?.Members() ?? [])
        {
            if (!value.IsNull && Read(value) is { } credential) _credentials.TryAdd(Place(name), credential);
        }
    }

    /// <summary>Reads a file; null where there is none.</summary>
    /// <exception cref="InputException">It is not what these programs write. The message tells nothing of what is in it.</exception>
    /// <exception cref="MachineException">It can't be read.</exception>
    public static CredentialFile? Load(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            return new(JsonInput.Parse(ReadAll(path), default));
        }
        catch (Exception exception) when (exception is InputException or FormatException or DecoderFallbackException)
        {
            throw Wrong(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var why = JsonInput.Printable(exception.Message.TrimEnd('.'));
            throw new MachineException($"{JsonInput.Printable(path)}, which may hold credentials, can't be read: {why}", exception);
        }
    }

    /// <summary>The helper to ask for a registry, and what to ask it for; null where there is none.</summary>
    public (string Name, string Server)? HelperFor(RegistryReference image)
    {
        var server = image.Registry == RegistryHost.DockerHub ? DockerHubKey : image.Registry;
        return _helpers.TryGetValue(image.Registry, out var helper) ? (helper, server) : _store is null ? null : (_store, server);
    }

    /// <summary>The credentials that stand in the file: for the repository, else for a path above it, else for the registry; null where there are none.</summary>
    public Credential? Find(RegistryReference image)
    {
        for (var place = image.Name; place.Length > 0; place = place[..Math.Max(0, place.LastIndexOf('/'))])
        {
            if (_credentials.TryGetValue(place, out var credential)) return credential;
        }

        return null;
    }

    // It may be a pipe, whose length nobody knows.
    private static byte[] ReadAll(string path)
    {
        using var file = File.OpenRead(path);
        using var all = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (file.Read(buffer) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
            if (all.Length > MaximumLength) throw Wrong(path);
        }

        return all.ToArray();
    }

    private static Credential? Read(JsonInput entry)
    {
        var identity = entry.Text("identitytoken") is { Length: > 0 } token ? token : null;
        var (username, password) = (entry.Text("username") ?? "", entry.Text("password") ?? "");
        if (entry.Text("auth") is { Length: > 0 } auth)
        {
            var pair = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(auth));
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) throw entry.Wrong("has no colon");
            (username, password) = (pair[..colon], pair[(colon + 1)..].Trim('\0'));
        }

        return identity is null ? Credential.Of(username, password) : new(username == Credential.TokenUser ? "" : username, password, identity);
    }

    // Docker's old keys are URLs; containers' may name a path in the registry. All of Docker Hub's names are one.
    private static string Place(string key)
    {
        var start = key.IndexOf("://", StringComparison.Ordinal);
        var rest = start < 0 ? key : key[(start + 3)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 || start >= 0 ? "" : rest[slash..].TrimEnd('/');
        if (path is "/v1" or "/v2") path = "";
        return (DockerHubNames.Contains(host) ? RegistryHost.DockerHub : host) + path;
    }

    private static InputException Wrong(string path) =>
        new("is not a file of credentials as 'docker login' and 'podman login' write it", new(JsonInput.Printable(path))) { Advice = "Mend it, or log in again." };
}
