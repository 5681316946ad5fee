using System.Globalization;
using OverlayImg.Images.Json;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Credentials;

/// <summary>Finds a user's credentials for registries where docker's and containers' programs keep them.</summary>
internal sealed class CredentialSource(RegistryOptions options) : IDisposable
{
    private const string FileVariable = "REGISTRY_AUTH_FILE";

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, FoundCredential> _found = new(StringComparer.Ordinal);
    private List<CredentialFile>? _files;

    /// <summary>The credentials for a repository, from the first file that has any.</summary>
    /// <exception cref="InputException">A file, or its entry for the registry, is not what it should be.</exception>
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

    // A helper that can't be used matters only where nothing else is found, and the registry asks for credentials.
    private async Task<FoundCredential> FindAsync(List<CredentialFile> files, RegistryReference image, CancellationToken cancellationToken)
    {
        MachineException? failure = null;
        foreach (var file in files)
        {
            Credential? credential = null;
            try
            {
                if (file.HelperFor(image) is var (helper, server)) credential = await new CredentialHelper(helper, options).GetAsync(server, cancellationToken);
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
        return Variable(FileVariable) is { } file ? places.Prepend(LoadNamed(file, $", which {FileVariable} names")) : places;
    }

    private static CredentialFile LoadNamed(string path, string whoNames) =>
        CredentialFile.Load(path) ?? throw new MachineException($"There is no file of credentials {JsonInput.Printable(path)}{whoNames}");

    // Docker's, then podman's, which are at one of two places each, and in the user's configuration.
    private IEnumerable<string> Places()
    {
        var home = Variable("HOME");
        if (Variable("DOCKER_CONFIG") is { } docker) yield return Path.Combine(docker, "config.json");
        else if (home is not null) yield return Path.Combine(home, ".docker", "config.json");
        if (Variable("XDG_RUNTIME_DIR") is { } runtime) yield return Path.Combine(runtime, "containers", "auth.json");
        else yield return Path.Combine(options.Environment.RunDirectory, "containers", options.Environment.UserId.ToString(CultureInfo.InvariantCulture), "auth.json");
        if (Variable("XDG_CONFIG_HOME") is { } config) yield return Path.Combine(config, "containers", "auth.json");
        else if (home is not null) yield return Path.Combine(home, ".config", "containers", "auth.json");
    }

    private string? Variable(string name) => options.Environment.Variable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>What the files with credentials have for a repository.</summary>
/// <param name="Credential">The credentials; null for none.</param>
/// <param name="Failure">Why a helper that may have credentials could not be asked, where nothing else was found; else null.</param>
internal sealed record FoundCredential(Credential? Credential, MachineException? Failure);
