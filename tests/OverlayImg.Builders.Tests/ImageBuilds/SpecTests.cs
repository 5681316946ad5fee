using System.Text;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Images.Compression;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.ImageBuilds;

/// <summary>The reader of specs follows the schema. An independent validator checks the schema and applies it to the same specs.</summary>
public sealed class SpecTests : IDisposable
{
    private const string Full = """
        {"name":"Team/App","tag":"1.0","fromImage":"base.tar","fromImageName":"base","fromImageTag":"1","contents":["a","/abs/b"],"copyToRoot":null,
        "keepContentsDirlinks":true,"config":{"Cmd":["/bin/sh"]},"inheritConfig":true,"extraCommands":"touch x","uid":1,"gid":4294967294,
        "runAsRoot":"id","run":["a","b\nc"],
        "diskSize":1024,"buildVMMemorySize":512,"created":"now","architecture":"arm64","compressor":"zstd","closure":"c.txt","storeDir":"/gnu/store",
        "includeNixDB":true,"variant":"v8","meta":{"description":"x"},"annotations":{"org.example.a":"b","empty":""},
        "copy":["a:/b",{"src":"x:y","dst":"z","owner":"web","group":5},{"src":"/s","dst":"/d","owner":0,"group":null}]}
        """;

    // The attributes that nixpkgs passes if the user gives none, and attributes of the other function.
    private const string ImageDefaults = """
        {"name":"a","tag":null,"fromImage":null,"fromImageName":null,"fromImageTag":null,"copyToRoot":null,"keepContentsDirlinks":false,"config":null,
        "architecture":"amd64","variant":"","extraCommands":"","uid":0,"gid":0,"runAsRoot":null,"diskSize":1024,"buildVMMemorySize":512,
        "created":"1970-01-01T00:00:01Z","compressor":"gz","includeNixDB":false,"contents":null,"meta":{},"fakeRootCommands":null,
        "layeringPipeline":null}
        """;

    private const string LayeredDefaults = """
        {"name":"a","tag":null,"fromImage":null,"contents":[],"config":{},"architecture":"amd64","variant":"","created":"1970-01-01T00:00:01Z",
        "mtime":"1970-01-01T00:00:01Z","uid":0,"gid":0,"uname":"root","gname":"root","maxLayers":100,"extraCommands":"","fakeRootCommands":"",
        "enableFakechroot":false,"includeStorePaths":true,"includeNixDB":false,"passthru":{},"meta":{},"layeringPipeline":null,"debug":false,
        "compressor":"gz","copyToRoot":null,"runAsRoot":null}
        """;

    private static readonly string[] Right =
        [Full, ImageDefaults, "{}", """{"name":null,"contents":"a","compressor":null}""", """{"copyToRoot":[]}""", """{"copy":["a\\:b:c::g","a:b:o:"]}"""];

    private static readonly (string Json, string Said)[] Wrong =
    [
        ("""{"content":["a"]}""", "Did you mean contents?"),
        ("""{"fromimage":"a"}""", "Did you mean fromImage?"),
        ("""{"somethingElseAltogether":1}""", "Known are name, tag"),
        ("""{"contents":["a"],"copyToRoot":["b"]}""", "contents and copyToRoot"),
        ("""{"name":1}""", "name should be a text"),
        ("""{"contents":[1]}""", "contents should be a path or a list of paths"),
        ("""{"contents":[""]}""", "contents should be"),
        ("""{"uid":-1}""", "uid should be"),
        ("""{"uid":1.5}""", "uid should be"),
        ("""{"gid":4294967295}""", "gid should be"),
        ("""{"diskSize":0}""", "diskSize should be a number of MiB"),
        ("""{"keepContentsDirlinks":"yes"}""", "keepContentsDirlinks should be true or false"),
        ("""{"created":"yesterday"}""", "created should be"),
        ("""{"compressor":"xz"}""", "compressor should be \"none\", \"gz\" or \"zstd\""),
        ("""{"architecture":"AMD64"}""", "architecture should be"),
        ("""{"config":[]}""", "config should be an object"),
        ("""{"run":"id"}""", "run should be a list of commands"),
        ("""{"run":[""]}""", "run should be"),
        ("""{"run":[null]}""", "run should be"),
        ("""{"annotations":["a=b"]}""", "annotations should be an object whose values are texts"),
        ("""{"annotations":{"a":1}}""", "annotations should be"),
        ("""{"annotations":{"":"b"}}""", "annotations should be"),
        ("""{"annotations":{"a":null}}""", "annotations should be"),
        ("""{"variant":"V8"}""", "variant should be"),
        ("""{"copy":"a:/b"}""", "copy should be a list of copies"),
        ("""{"copy":["a"]}""", "copy should be"),
        ("""{"copy":["a:b:c:d:e"]}""", "copy should be"),
        ("""{"copy":[":b"]}""", "copy should be"),
        ("""{"copy":["-:b"]}""", "copy should be"),
        ("""{"copy":[{"src":"a"}]}""", "copy should be"),
        ("""{"copy":[{"src":"-","dst":"/a"}]}""", "copy should be"),
        ("""{"copy":[{"src":"a","dst":"b","mode":1}]}""", "copy should be"),
        ("""{"copy":[{"src":"a","dst":"b","owner":-1}]}""", "copy should be"),
        ("""{"copy":[null]}""", "copy should be"),
        ("""{"meta":"x"}""", "meta should be an object"),
        ("""{"fakeRootCommands":"x"}""", "fakeRootCommands', which is not known"),
    ];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_attribute_is_read_and_paths_are_relative_to_the_spec()
    {
        var spec = await ReadAsync(Full);
        Assert.Equal(
            ("team/app", "1.0", _directory["base.tar"], "base", "1"), (spec.Name, spec.Tag, spec.FromImage, spec.FromImageName, spec.FromImageTag));
        Assert.Equal([_directory["a"], "/abs/b"], spec.Contents!);
        Assert.Equal(
            [
                new(_directory["a"]) { Copy = new("/b") }, new(_directory["x:y"]) { Copy = new("z", "web", "5") },
                new("/s") { Copy = new("/d", "0") },
            ],
            spec.Copies!);
        Assert.Equal((true, true, 1u, 4294967294u), (spec.KeepContentsDirlinks, spec.InheritConfig, spec.Uid, spec.Gid));
        Assert.Equal("""{"Cmd":["/bin/sh"]}""", spec.Config!.ToJsonString());
        Assert.Equal(("touch x", "id"), (Encoding.UTF8.GetString(spec.ExtraCommands!.Text.Span), Encoding.UTF8.GetString(spec.RunAsRoot!.Text.Span)));
        Assert.Equal(["id", "a", "b\nc"], spec.Steps.Select(step => Encoding.UTF8.GetString(step.Text.Span)));
        Assert.Equal([false, true, true], spec.Steps.Select(step => step.IsCommands));
        Assert.Equal((1L << 30, 512, "arm64", CompressionFormat.Zstd), (spec.DiskSize, spec.MemoryMiB, spec.Architecture, spec.Compressor));
        Assert.Equal((_directory["c.txt"], "/gnu/store", true), (spec.Closure, spec.StoreDirectory, spec.IncludeNixDatabase));
        Assert.NotNull(spec.Created);
        Assert.Equal("v8", spec.Variant);
        Assert.Equal(new Dictionary<string, string> { ["org.example.a"] = "b", ["empty"] = "" }, spec.Annotations);
    }

    [Fact]
    public async Task Attributes_with_their_default_value_have_no_effect()
    {
        var layered = await ReadAsync(LayeredDefaults, SpecKind.LayeredImage);
        Assert.Equal(
            (null, null, null, null, null), (layered.Variant, layered.ExtraCommands, layered.FakeRootCommands, layered.Tag, layered.FromImage));
        Assert.Equal((true, false, 100), (layered.IncludeStorePaths, layered.IncludeNixDatabase, layered.MaxLayers));
        Assert.Null((await ReadAsync(ImageDefaults)).Variant);
        await ReadAsync("""{"enableFakechroot":true}""", SpecKind.LayeredImage);
        (string Json, string Said)[] wrong =
        [
            ("""{"layeringPipeline":[]}""", "layeringPipeline should be null"),
            ("""{"debug":true}""", "debug should be false"),
        ];
        foreach (var (json, said) in wrong)
        {
            var refusal = await Assert.ThrowsAsync<InputException>(() => ReadAsync(json, SpecKind.LayeredImage));
            Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_refused_attribute_is_named()
    {
        foreach (var (json, said) in Wrong)
        {
            var error = await Assert.ThrowsAsync<InputException>(() => ReadAsync(json));
            Assert.Contains(said, error.Describe() + error.Advice, StringComparison.Ordinal);
            Assert.Equal(_directory["spec.json"], error.Where.File);
        }

        foreach (var json in (string[])["[]", "{", """{"name":"a","name":"b"}""", """{"name":"\ud800"}""", """{"name":"a b"}"""])
            await Assert.ThrowsAsync<InputException>(() => ReadAsync(json));
    }

    [Fact]
    public async Task The_schema_accepts_and_refuses_the_same_specs_as_the_reader()
    {
        const string Validate = """
            import json, sys, jsonschema
            schema, *specs = json.load(sys.stdin)
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            print("".join("1" if validator.is_valid(spec) else "0" for spec in specs))
            """;
        // The reader alone checks the text inside strings, so no spec here has a fault of that kind.
        string[] specs = [.. Right, .. Wrong.Select(wrong => wrong.Json)];
        using var input = new MemoryStream(Encoding.UTF8.GetBytes($"[{ImageSpecFile.Schema().ToJsonString()},{string.Join(',', specs)}]"));
        var verdicts = (await Tool.RunAsync("python3", ["-c", Validate], input)).Succeeded().StandardOutput.Trim();
        Assert.Equal(new string('1', Right.Length) + new string('0', Wrong.Length), verdicts);
        foreach (var json in Right) await ReadAsync(json);
    }

    private async Task<ImageSpec> ReadAsync(string json, SpecKind kind = SpecKind.Image)
    {
        await File.WriteAllTextAsync(_directory["spec.json"], json);
        return await ImageSpecFile.ReadAsync(_directory["spec.json"], kind, CancellationToken.None);
    }
}
