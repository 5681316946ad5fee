using System.Text;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Credentials;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class CredentialTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string> _variables = [];
    private TimeSpan _helperTime = TimeSpan.FromSeconds(20);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("registry.example/a", "registry.example")]
    [InlineData("registry.example/a", "https://registry.example")]
    [InlineData("registry.example/a", "https://registry.example/v1/")]
    [InlineData("registry.example/a", "http://registry.example/v2/")]
    [InlineData("registry.example/a", "registry.example/v1/")]
    [InlineData("registry.example:5000/a", "registry.example:5000")]
    [InlineData("debian", "https://index.docker.io/v1/")]
    [InlineData("debian", "docker.io")]
    [InlineData("debian", "docker.io/library")]
    [InlineData("registry.example/a/b", "registry.example/a")]
    public async Task Old_and_new_forms_of_keys_are_found(string image, string key)
    {
        Write("auth.json", Auths((key, "u:p:with:colons")));
        Assert.Equal("u|p:with:colons|", Show(await FindAsync(image, "auth.json")));
    }

    [Theory]
    [InlineData("registry.example/a", "registry.example:5000")]
    [InlineData("registry.example:5000/a", "registry.example")]
    [InlineData("registry.example/ab", "registry.example/a")]
    [InlineData("registry.example/a", "example")]
    [InlineData("notregistry.example/a", "registry.example")]
    public async Task Keys_of_other_registries_and_repositories_are_ignored(string image, string key)
    {
        Write("auth.json", Auths((key, "u:p")));
        Assert.Null(await FindAsync(image, "auth.json"));
    }

    [Fact]
    public async Task The_longest_matching_path_wins()
    {
        Write("auth.json", Auths(("registry.example", "host:1"), ("registry.example/a/b", "deep:2"), ("registry.example/a", "path:3")));
        Assert.Equal("deep|2|", Show(await FindAsync("registry.example/a/b", "auth.json")));
        Assert.Equal("path|3|", Show(await FindAsync("registry.example/a/c", "auth.json")));
        Assert.Equal("host|1|", Show(await FindAsync("registry.example/x", "auth.json")));
    }

    [Fact]
    public async Task REGISTRY_AUTH_FILE_comes_first_then_the_files_of_docker_and_podman()
    {
        Write("docker/config.json", Auths(("one.example", "docker:1")));
        Write("named.json", Auths(("one.example", "named:1"), ("two.example", "named:2")));
        Write("run/containers/auth.json", Auths(("two.example", "run:2"), ("three.example", "run:3")));
        Write("home/.config/containers/auth.json", Auths(("three.example", "home:3"), ("four.example", "home:4")));
        (_variables["DOCKER_CONFIG"], _variables["REGISTRY_AUTH_FILE"]) = (_directory["docker"], _directory["named.json"]);
        (_variables["XDG_RUNTIME_DIR"], _variables["HOME"]) = (_directory["run"], _directory["home"]);
        var found = new List<string>();
        foreach (var host in new[] { "one", "two", "three", "four", "five" }) found.Add(Show(await FindAsync($"{host}.example/a")));
        Assert.Equal(["named|1|", "named|2|", "run|3|", "home|4|", "-"], found);
        _variables["REGISTRY_AUTH_FILE"] = "";
        Assert.Equal("docker|1|", Show(await FindAsync("one.example/a")));
        _variables["REGISTRY_AUTH_FILE"] = _directory["gone.json"];
        var error = await Assert.ThrowsAsync<MachineException>(() => FindAsync("one.example/a"));
        Assert.Equal($"The credentials file {_directory["gone.json"]} that REGISTRY_AUTH_FILE names does not exist.", error.Describe());
    }

    [Fact]
    public async Task Podmans_file_for_users_without_XDG_RUNTIME_DIR_is_read()
    {
        Write("run/containers/1234/auth.json", Auths(("one.example", "run:1")));
        Write("run/containers/1235/auth.json", Auths(("two.example", "other:2")));
        Assert.Equal("run|1|", Show(await FindAsync("one.example/a")));
        Assert.Null(await FindAsync("two.example/a"));
        _variables["XDG_RUNTIME_DIR"] = _directory["session"];
        Assert.Null(await FindAsync("one.example/a"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5 << 20)]
    public async Task A_pipe_is_read_up_to_the_size_limit(int padding)
    {
        await using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);

        // The handle is requested before the writer runs, because disposing of the pipe closes a client handle that was not requested.
        var file = $"/proc/self/fd/{pipe.GetClientHandleAsString()}";
        var writing = Task.Run(() =>
        {
            try
            {
                pipe.Write(Encoding.UTF8.GetBytes(Auths(("one.example", "piped:1")) + new string(' ', padding)));
            }
            catch (IOException) when (padding > 0)
            {
                // The reader stops at the size limit.
            }

            pipe.Dispose();
        });
        if (padding == 0) Assert.Equal("piped|1|", Show(await FindAsync("one.example/a", file)));
        else await Assert.ThrowsAsync<InputException>(() => FindAsync("one.example/a", file));
        pipe.DisposeLocalCopyOfClientHandle();
        await writing;
    }

    [Fact]
    public async Task A_file_in_the_options_replaces_all_other_files()
    {
        Write("home/.docker/config.json", Auths(("one.example", "docker:1")));
        Write("mine.json", Auths(("two.example", "mine:1")));
        _variables["HOME"] = _directory["home"];
        Assert.Equal("docker|1|", Show(await FindAsync("one.example/a")));
        Assert.Equal("-", Show(await FindAsync("one.example/a", "mine.json")));
        await Assert.ThrowsAsync<MachineException>(() => FindAsync("one.example/a", "missing.json"));
    }

    [Fact]
    public async Task Identity_tokens_are_read()
    {
        Write("auth.json", $$$"""{"auths":{"one.example":{"auth":"{{{Base64("00000000-0000:")}}}","identitytoken":"refresh"}""" +
            $$$""","two.example":{"auth":"{{{Base64("<token>:other")}}}"},"three.example":{} } }""");
        Assert.Equal("00000000-0000||refresh", Show(await FindAsync("one.example/a", "auth.json")));
        Assert.Equal("||other", Show(await FindAsync("two.example/a", "auth.json")));
        Assert.Null(await FindAsync("three.example/a", "auth.json"));
    }

    [Theory]
    [InlineData("{\"auths\":{\"one.example\":{\"auth\":\"s3cret!!\"}}}")]
    [InlineData("{\"auths\":{\"one.example\":{\"auth\":\"czNjcmV0\"}}}")]
    [InlineData("{\"auths\":{\"one.example\":\"s3cret\"}}")]
    [InlineData("{\"auths\":[\"s3cret\"]}")]
    [InlineData("{\"auths\":{\"one.example\":{\"auth\":\"/////w==\"}}}")]
    [InlineData("s3cret")]
    [InlineData("")]
    [InlineData("[]")]
    public async Task The_error_for_an_invalid_file_does_not_show_its_content(string text)
    {
        Write("auth.json", text);
        var error = await Assert.ThrowsAsync<InputException>(() => FindAsync("one.example/a", "auth.json"));
        Assert.Contains("auth.json", error.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registrys_own_helper_comes_first_then_the_default_helper_then_the_entries()
    {
        await HelperAsync("own", """read server; echo "{\"ServerURL\":\"$server\",\"Username\":\"own\",\"Secret\":\"$server\"}" """);
        await HelperAsync("all", """
            read server
            if [ "$server" = none.example ]; then echo "credentials not found in native keychain"; exit 1; fi
            echo "{\"Username\":\"<token>\",\"Secret\":\"$server\"}"
            """);
        Write("config.json", """{"credHelpers":{"one.example":"own"},"credsStore":"all","auths":""" +
            $$$"""{"one.example":{},"none.example":{"auth":"{{{Base64("file:1")}}}"} } }""");
        Assert.Equal("own|one.example|", Show(await FindAsync("one.example/a", "config.json")));
        Assert.Equal("||two.example", Show(await FindAsync("two.example/a", "config.json")));
        Assert.Equal("||https://index.docker.io/v1/", Show(await FindAsync("debian", "config.json")));
        Assert.Equal("file|1|", Show(await FindAsync("none.example/a", "config.json")));
    }

    [Theory]
    [InlineData("echo s3cret; echo s3cret >&2; exit 1", "ended with an error")]
    [InlineData("echo s3cret", "writes something other than credentials")]
    [InlineData("exec sleep 30", "does not end in time")]
    [InlineData("exec cat /dev/zero", "writes more than 1048576 bytes")]
    public async Task The_error_for_a_failed_helper_does_not_show_its_output(string script, string expected)
    {
        if (script.Contains("sleep", StringComparison.Ordinal)) _helperTime = TimeSpan.FromMilliseconds(200);
        await HelperAsync("bad", script);
        Write("config.json", """{"credsStore":"bad"}""");
        var found = await LookUpAsync("one.example/a", "config.json");
        Assert.Null(found.Credential);
        var error = found.Failure!;
        Assert.Contains("docker-credential-bad", error.Describe(), StringComparison.Ordinal);
        Assert.Contains(expected, error.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../bin/evil")]
    [InlineData("missing")]
    [InlineData("a b")]
    public async Task Helpers_are_searched_in_absolute_directories_only(string name)
    {
        Write("config.json", $$"""{"credsStore":"{{name}}"}""");
        await HelperAsync("missing", "echo '{}'", "elsewhere");
        _variables["PATH"] = $"{Path.GetRelativePath(Environment.CurrentDirectory, _directory["elsewhere"])}:.::{_directory["bin"]}";
        var found = await LookUpAsync("one.example/a", "config.json");
        Assert.StartsWith("There is no program docker-credential-", found.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_credentials_are_used_if_the_helper_is_missing()
    {
        Write("config.json", $$$"""{"credsStore":"missing","auths":{"one.example":{"auth":"{{{Base64("file:1")}}}"} } }""");
        Assert.Equal(("file|1|", null), await ShowAsync("one.example/a"));
        Write("home/.config/containers/auth.json", Auths(("two.example", "podman:2")));
        (_variables["DOCKER_CONFIG"], _variables["HOME"]) = (_directory[""], _directory["home"]);
        var found = await LookUpAsync("two.example/a");
        Assert.Equal(("podman|2|", null), (Show(found.Credential), found.Failure));

        async Task<(string, MachineException?)> ShowAsync(string image) =>
            await LookUpAsync(image, "config.json") is var (credential, failure) ? (Show(credential), failure) : default;
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    public async Task An_empty_helper_name_means_no_helper(string name)
    {
        await HelperAsync("all", "echo '{\"Username\":\"store\",\"Secret\":\"1\"}'");
        Write("config.json", $$$"""{"credHelpers":{"one.example":{{{name}}} },"credsStore":"all","auths":""" +
            $$$"""{"one.example":{"auth":"{{{Base64("file:1")}}}"} } }""");
        Assert.Equal("file|1|", Show(await FindAsync("one.example/a", "config.json")));
        Assert.Equal("store|1|", Show(await FindAsync("two.example/a", "config.json")));
    }

    // Like docker's GetAuthConfig: the exact key comes first, then every key of the same host.
    [Theory]
    [InlineData("one.example/a", "https://one.example", "one.example")]
    [InlineData("one.example/a", "http://one.example/v2/", "one.example")]
    [InlineData("debian", "docker.io", "https://index.docker.io/v1/")]
    public async Task The_exact_key_wins_over_other_forms(string image, string other, string exact)
    {
        Write("auth.json", Auths((other, "other:1"), (exact, "exact:2")));
        Assert.Equal("exact|2|", Show(await FindAsync(image, "auth.json")));
        Write("auth.json", Auths((exact, "exact:2"), (other, "other:1"), (exact, "last:3")));
        Assert.Equal("last|3|", Show(await FindAsync(image, "auth.json")));
        Write("auth.json", $$$"""{"auths":{"{{{exact}}}":{},"{{{other}}}":{"auth":"{{{Base64("other:1")}}}"} } }""");
        Assert.Equal("other|1|", Show(await FindAsync(image, "auth.json")));
    }

    [Theory]
    [InlineData("{\"auth\":\"not base64!\"}")]
    [InlineData("{\"auth\":\"czNjcmV0\"}")]
    [InlineData("{\"auth\":5}")]
    [InlineData("{\"auth\":\"dTpw5A==\"}")]
    [InlineData("{\"username\":[],\"password\":\"p\u00e4\"}")]
    [InlineData("\"text\"")]
    [InlineData("7")]
    [InlineData("[null]")]
    public async Task An_invalid_entry_of_another_registry_is_ignored(string odd)
    {
        var text = $$$"""{"auths":{"other.example":{{{odd}}},"one.example":{"auth":"{{{Base64("u:p")}}}","email":"a@b","other":7}}""" +
            ""","credHelpers":{"third.example":5}}""";
        Directory.CreateDirectory(_directory[""]);
        // A file with an older encoding than UTF-8 is read as docker reads it.
        await File.WriteAllBytesAsync(_directory["auth.json"], Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);
        Assert.Equal("u|p|", Show(await FindAsync("one.example/a", "auth.json")));
        var isSound = odd.Contains("5A==", StringComparison.Ordinal);
        if (isSound) return;
        var error = await Assert.ThrowsAsync<InputException>(() => FindAsync("other.example/a", "auth.json"));
        Assert.Contains("has an entry for other.example", error.Describe(), StringComparison.Ordinal);
        Assert.Contains("auth.json", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_sent_with_the_bytes_of_the_file()
    {
        byte[] pair = [(byte)'u', (byte)':', 0xE4];
        Write("auth.json", $$$"""{"auths":{"one.example":{"auth":"{{{Convert.ToBase64String(pair)}}}"}""" +
            ""","two.example":{"username":"u","password":"\u00e4"} } }""");
        Assert.Equal(Convert.ToBase64String(pair), (await FindAsync("one.example/a", "auth.json"))!.ToBasic()!.Parameter);
        Assert.Equal(Base64("u:\u00e4"), (await FindAsync("two.example/a", "auth.json"))!.ToBasic()!.Parameter);
    }

    [Fact]
    public async Task A_registry_token_is_read()
    {
        Write("auth.json", """{"auths":{"one.example":{"registrytoken":"bearer"}}}""");
        var credential = await FindAsync("one.example/a", "auth.json");
        Assert.Equal("bearer", credential!.RegistryToken);
        Assert.Null(credential.ToBasic());
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Auths(params (string Key, string Pair)[] entries) =>
        $"{{\"auths\":{{{string.Join(',', entries.Select(entry => $"\"{entry.Key}\":{{\"auth\":\"{Base64(entry.Pair)}\"}}"))}}}}}";

    private static string Show(Credential? credential) =>
        credential is null ? "-" : $"{credential.Username}|{credential.Password}|{credential.IdentityToken}";

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory[name])!);
        File.WriteAllText(_directory[name], text);
    }

    private async Task HelperAsync(string name, string script, string directory = "bin")
    {
        await TestProgram.WriteAsync(_directory[$"{directory}/docker-credential-{name}"], $"#!/bin/sh\n[ \"$1\" = get ] || exit 9\n{script}\n");
        _variables["PATH"] = $"relative:{_directory["bin"]}";
    }

    private async Task<Credential?> FindAsync(string image, string? file = null) => (await LookUpAsync(image, file)).Credential;

    private async Task<FoundCredential> LookUpAsync(string image, string? file = null)
    {
        using var source = new CredentialSource(new()
        {
            CredentialsFile = file is null ? null : _directory[file],
            Limits = new() { HelperTime = _helperTime },
            Environment = new() { Variable = name => _variables.GetValueOrDefault(name), RunDirectory = _directory["run"], UserId = 1234 },
        });
        return await source.FindAsync(RegistryReference.Parse(image), default);
    }
}
