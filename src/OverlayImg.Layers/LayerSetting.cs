namespace OverlayImg.Layers;

/// <summary>The settings that the messages of this project name.</summary>
public static class LayerSetting
{
    /// <summary>The contents of the layer.</summary>
    public static Setting Contents { get; } = new("contents");

    /// <summary>The files and directories that are copied to places in the layer.</summary>
    public static Setting Copies { get; } = new("copies");

    /// <summary>Whether symbolic links to directories in the contents stay links.</summary>
    public static Setting KeepDirlinks { get; } = new("links to directories");

    /// <summary>The file that lists what the contents leave out.</summary>
    public static Setting IgnoreFile { get; } = new("ignore file");

    /// <summary>Whether the layer gets accounts for root and nobody.</summary>
    public static Setting FakeNss { get; } = new("accounts");

    /// <summary>Whether the layer gets <c>/bin/sh</c>.</summary>
    public static Setting BinSh { get; } = new("/bin/sh");

    /// <summary>Whether the layer gets <c>/usr/bin/env</c>.</summary>
    public static Setting UsrBinEnv { get; } = new("/usr/bin/env");

    /// <summary>Whether the layer gets this machine's CA certificates.</summary>
    public static Setting CaCertificates { get; } = new("CA certificates");

    /// <summary>Whether the result of an earlier run is reused.</summary>
    public static Setting Reuse { get; } = new("reuse of results");

    /// <summary>Whether the result of an earlier run with a network is reused.</summary>
    public static Setting ReuseWithNetwork { get; } = new("reuse with a network");
}
