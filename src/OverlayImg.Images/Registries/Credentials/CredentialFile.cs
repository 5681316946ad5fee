using System.Text;
using OverlayImg.Images.Json;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Registries.Credentials;

/// <summary>A file with the credentials of <c>docker login</c> or <c>podman login</c> (docker's config.json, containers-auth.json(5)).</summary>
/// <remarks>An entry is parsed when its registry is looked up, so an invalid entry of another registry does no harm.</remarks>
internal sealed class CredentialFile
{
    /// <summary>The key of Docker Hub in docker's files.</summary>
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

    /// <summary>Reads a file; null if the file does not exist.</summary>
    /// <exception cref="InputException">The file is not in the format of these programs. The message does not show the
    /// content.</exception>
    /// <exception cref="MachineException">The file can't be read.</exception>
    public static CredentialFile? Load(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            // Docker replaces bytes that are not UTF-8, and takes the last of two equal keys.
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

    /// <summary>Returns a registry's credential helper and the server name to pass to the helper; null for no helper.</summary>
    /// <remarks>An empty name in <c>credHelpers</c> means that the registry uses no helper, not even <c>credsStore</c>.</remarks>
    /// <exception cref="InputException">The registry's entry in <c>credHelpers</c> is not a string.</exception>
    public (string Name, string Server)? HelperFor(RegistryReference image)
    {
        var server = image.Registry == RegistryHost.DockerHub ? DockerHubKey : image.Registry;
        var own = ValuesFor(_helpers, image.Registry).FirstOrDefault();
        var name = own is null ? _store : own.IsNull ? null : Read(own, image.Registry, value => value.Text());
        return string.IsNullOrEmpty(name) ? null : (name, server);
    }

    /// <summary>Returns the credentials for the repository, else for a prefix of its path, else for the registry; null for none.</summary>
    /// <exception cref="InputException">The entry is not in the format of these programs. The message does not show the
    /// content.</exception>
    public Credential? Find(RegistryReference image)
    {
        for (var prefix = image.Name; prefix.Length > 0; prefix = prefix[..Math.Max(0, prefix.LastIndexOf('/'))])
        {
            foreach (var value in ValuesFor(_entries, prefix))
            {
                if (!value.IsNull && Read(value, prefix, Credential.Read) is { } credential) return credential;
            }
        }

        return null;
    }

    // The key that equals the name comes first. Keys with another spelling of the name, such as a URL, follow in the order of the file.
    private static IEnumerable<JsonInput> ValuesFor(IReadOnlyList<(string Name, JsonInput Value)> members, string name)
    {
        var exact = name == RegistryHost.DockerHub ? DockerHubKey : name;
        var others = members.Where(member => member.Name != exact && NameIn(member.Name) == name);
        return members.Where(member => member.Name == exact).Reverse().Concat(others).Select(member => member.Value);
    }

    private T Read<T>(JsonInput value, string name, Func<JsonInput, T> read)
    {
        try
        {
            return read(value);
        }
        catch (Exception exception) when (exception is InputException or FormatException)
        {
            var what = $"has an entry for {JsonInput.Printable(name)} that is not in the format of 'docker login' and 'podman login'";
            throw new InputException(what, new(JsonInput.Printable(_path)))
            {
                Advice = "Log in to the registry again.",
            };
        }
    }

    // The path may be a pipe, whose length is unknown.
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

    // Old keys of docker are URLs. Keys of podman may name a path in the registry. Docker Hub has several names.
    private static string NameIn(string key)
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
        new("is not a credentials file in the format of 'docker login' and 'podman login'", new(JsonInput.Printable(path)))
        {
            Advice = "Repair the file, or log in again.",
        };
}
