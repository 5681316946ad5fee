using System.Text;
using OverlayImg.Images.Json;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Registries.Credentials;

/// <summary>A file in which <c>docker login</c> or <c>podman login</c> keeps credentials (docker's config.json, containers-auth.json(5)).</summary>
/// <remarks>An entry is read when its registry is asked for. An entry of another registry may have any form.</remarks>
internal sealed class CredentialFile
{
    /// <summary>What docker calls Docker Hub.</summary>
    public const string DockerHubKey = "https://index.docker.io/v1/";

    private const int MaximumLength = 4 << 20;
    private static readonly string[] DockerHubNames = ["docker.io", "index.docker.io", "registry-1.docker.io"];

    private readonly string _path;
    private readonly string? _store;
    private readonly IReadOnlyList<(string Name, JsonInput Value)> _helpers;
    private readonly IReadOnlyList<(string Name, JsonInput Value)> _entries;

    private CredentialFile(string path, JsonInput root)
    {
        _path = path;
        _store = root.Text("credsStore") is { Length: > 0 } store ? store : null;
        _helpers = root.Optional("credHelpers")?.Members() ?? [];
        _entries = root.Optional("auths")?.Members() ?? [];
    }

    /// <summary>Reads a file; null where the file does not exist.</summary>
    /// <exception cref="InputException">The file is not what these programs write. The message does not show the content.</exception>
    /// <exception cref="MachineException">The file can't be read.</exception>
    public static CredentialFile? Load(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            // Docker's reader replaces bytes that are not UTF-8, and takes the last of two equal keys.
            var text = Encoding.UTF8.GetString(ReadAll(path));
            return new(path, JsonInput.Parse(Encoding.UTF8.GetBytes(text), default, allowDuplicates: true));
        }
        catch (InputException)
        {
            throw Wrong(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var why = JsonInput.Printable(exception.Message.TrimEnd('.'));
            throw new MachineException($"{JsonInput.Printable(path)}, which may hold credentials, can't be read: {why}", exception);
        }
    }

    /// <summary>The helper to ask for a registry, and the server name to ask it for; null where there is none.</summary>
    /// <remarks>An empty name in <c>credHelpers</c> means that the registry has no helper, and does not use <c>credsStore</c> either.</remarks>
    /// <exception cref="InputException">The registry's entry in <c>credHelpers</c> is not a name.</exception>
    public (string Name, string Server)? HelperFor(RegistryReference image)
    {
        var server = image.Registry == RegistryHost.DockerHub ? DockerHubKey : image.Registry;
        var own = ValuesFor(_helpers, image.Registry).FirstOrDefault();
        var name = own is null ? _store : own.IsNull ? null : Read(own, image.Registry, value => value.Text());
        return string.IsNullOrEmpty(name) ? null : (name, server);
    }

    /// <summary>The credentials in the file: those of the repository, else of a path above it, else of the registry; null where there are none.</summary>
    /// <exception cref="InputException">The entry is not what these programs write. The message does not show the content.</exception>
    public Credential? Find(RegistryReference image)
    {
        for (var place = image.Name; place.Length > 0; place = place[..Math.Max(0, place.LastIndexOf('/'))])
        {
            foreach (var value in ValuesFor(_entries, place))
            {
                if (!value.IsNull && Read(value, place, Credential.Read) is { } credential) return credential;
            }
        }

        return null;
    }

    // The key that is exactly the place comes first. Other spellings of it, such as a URL, follow in the order of the file.
    private static IEnumerable<JsonInput> ValuesFor(IReadOnlyList<(string Name, JsonInput Value)> members, string place)
    {
        var exact = place == RegistryHost.DockerHub ? DockerHubKey : place;
        var others = members.Where(member => member.Name != exact && PlaceOf(member.Name) == place);
        return members.Where(member => member.Name == exact).Reverse().Concat(others).Select(member => member.Value);
    }

    private T Read<T>(JsonInput value, string place, Func<JsonInput, T> read)
    {
        try
        {
            return read(value);
        }
        catch (Exception exception) when (exception is InputException or FormatException)
        {
            var what = $"has an entry for {JsonInput.Printable(place)} that is not as 'docker login' and 'podman login' write one";
            throw new InputException(what, new(JsonInput.Printable(_path)))
            {
                Advice = "Log in to it again.",
            };
        }
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

    // Docker's old keys are URLs; containers' may name a path in the registry. All of Docker Hub's names are one.
    private static string PlaceOf(string key)
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
