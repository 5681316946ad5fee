using System.Globalization;
using OverlayImg.Images.Json;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Credentials;

/// <summary>Finds a user's credentials for registries in the files of docker and podman and in credential helpers.</summary>
internal sealed class CredentialSource(RegistryOptions options) : IDisposable
{
    private const string FileVariable = "REGISTRY_AUTH_FILE";

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, FoundCredential> _found = new(StringComparer.Ordinal);
    private List<CredentialFile>? _files;

    /// <summary>Returns the credentials for a repository from the first file that has any.</summary>
    /// <exception cref="InputException">A file, or its entry for the registry, has the wrong format.</exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public async Task<FoundCredential> FindAsync(RegistryReference image, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_found.TryGetValue(image.Name, out var known)) return known;
            _files ??= [.. Load()];
            return _found[image.Name] = await FindAsync(_files, image, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    // A failed helper is an error only if no other source has credentials and the registry requires them.
    private async Task<FoundCredential> FindAsync(List<CredentialFile> files, RegistryReference image, CancellationToken cancellationToken)
    {
        MachineException? failure = null;
        foreach (var file in files)
        {
            Credential? credential = null;
            try
            {
                if (file.HelperFor(image) is var (helper, server))
                    credential = await new CredentialHelper(helper, options).GetAsync(server, cancellationToken);
            }
            catch (MachineException exception)
            {
                failure ??= exception;
            }

            credential ??= file.Find(image);
            if (credential is not null) return new(credential, null);
        }

        return new(null, failure);
    }

    private IEnumerable<CredentialFile> Load()
    {
        if (options.CredentialsFile is { } named) return [LoadNamed(named, "")];
        var places = Places().Select(CredentialFile.Load).OfType<CredentialFile>();
        return Variable(FileVariable) is { } file ? places.Prepend(LoadNamed(file, $" that {FileVariable} names")) : places;
    }

    private static CredentialFile LoadNamed(string path, string whoNames) =>
        CredentialFile.Load(path) ?? throw new MachineException($"The credentials file {JsonInput.Printable(path)}{whoNames} does not exist");

    // Docker's file, then podman's file of the session, then podman's file in the user's configuration directory.
    private IEnumerable<string> Places()
    {
        var home = Variable("HOME");
        if (Variable("DOCKER_CONFIG") is { } docker) yield return Path.Combine(docker, "config.json");
        else if (home is not null) yield return Path.Combine(home, ".docker", "config.json");
        if (Variable("XDG_RUNTIME_DIR") is { } runtime) yield return Path.Combine(runtime, "containers", "auth.json");
        else
        {
            var user = options.Environment.UserId.ToString(CultureInfo.InvariantCulture);
            yield return Path.Combine(options.Environment.RunDirectory, "containers", user, "auth.json");
        }

        if (Variable("XDG_CONFIG_HOME") is { } config) yield return Path.Combine(config, "containers", "auth.json");
        else if (home is not null) yield return Path.Combine(home, ".config", "containers", "auth.json");
    }

    private string? Variable(string name) => options.Environment.Variable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>The result of a search for credentials for a repository.</summary>
/// <param name="Credential">The credentials; null for none.</param>
/// <param name="Failure">The failure of a helper that may have credentials, if no credentials were found; else null.</param>
internal sealed record FoundCredential(Credential? Credential, MachineException? Failure);
