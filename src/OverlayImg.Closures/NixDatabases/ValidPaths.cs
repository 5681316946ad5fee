using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using OverlayImg.FileSystems;
using SQLitePCL;

namespace OverlayImg.Closures.NixDatabases;

/// <summary>
/// The SQLite database of a Nix store, in schema version 10: each valid path with hash and size of its Nix archive, and
/// the references between the paths. The bytes depend only on the paths and on the SQLite that the tool includes.
/// </summary>
internal static class ValidPaths
{
    private const string Schema =
        """
        create table ValidPaths (id integer primary key autoincrement not null, path text unique not null, hash text not null,
          registrationTime integer not null, deriver text, narSize integer, ultimate integer, sigs text, ca text);
        create table Refs (referrer integer not null, reference integer not null, primary key (referrer, reference),
          foreign key (referrer) references ValidPaths(id) on delete cascade, foreign key (reference) references ValidPaths(id) on delete restrict);
        create index IndexReferrer on Refs(referrer);
        create index IndexReference on Refs(reference);
        create trigger DeleteSelfRefs before delete on ValidPaths begin delete from Refs where referrer = old.id and reference = old.id; end;
        create table DerivationOutputs (drv integer not null, id text not null, path text not null, primary key (drv, id),
          foreign key (drv) references ValidPaths(id) on delete cascade);
        create index IndexDerivationOutputs on DerivationOutputs(path);
        """;

    /// <summary>Returns the bytes of the database file.</summary>
    /// <param name="paths">Sorted and closed: every referenced path is included.</param>
    /// <param name="nars">Hash and size of each path's Nix archive, in the order of <paramref name="paths"/>.</param>
    /// <param name="registrationTime">Seconds since 1970.</param>
    public static byte[] Database(IReadOnlyList<StorePathInfo> paths, IReadOnlyList<NarDigest> nars, long registrationTime)
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Execute(connection, "pragma page_size = 4096; pragma encoding = 'UTF-8'; pragma auto_vacuum = none;");
        using (var transaction = connection.BeginTransaction())
        {
            Execute(connection, Schema);
            InsertPaths(connection, paths, nars, registrationTime);
            InsertReferences(connection, paths);
            transaction.Commit();
        }

        return Bytes(connection);
    }

    private static void InsertPaths(
        SqliteConnection connection, IReadOnlyList<StorePathInfo> paths, IReadOnlyList<NarDigest> nars, long registrationTime)
    {
        using var insert = connection.CreateCommand();
        insert.CommandText = "insert into ValidPaths (id, path, hash, registrationTime, narSize) values ($id, $path, $hash, $time, $size)";
        for (var index = 0; index < paths.Count; index++)
        {
            insert.Parameters.Clear();
            insert.Parameters.AddWithValue("$id", index + 1);
            insert.Parameters.AddWithValue("$path", Text(paths[index].Path));
            insert.Parameters.AddWithValue("$hash", nars[index].Hash.ToString());
            insert.Parameters.AddWithValue("$time", registrationTime);
            insert.Parameters.AddWithValue("$size", nars[index].Size);
            insert.ExecuteNonQuery();
        }
    }

    private static void InsertReferences(SqliteConnection connection, IReadOnlyList<StorePathInfo> paths)
    {
        var ids = paths.Index().ToDictionary(pair => pair.Item.Path, pair => pair.Index + 1);
        using var insert = connection.CreateCommand();
        insert.CommandText = "insert into Refs (referrer, reference) values ($referrer, $reference)";
        foreach (var (path, references, _) in paths)
        {
            foreach (var reference in references)
            {
                insert.Parameters.Clear();
                insert.Parameters.AddWithValue("$referrer", ids[path]);
                insert.Parameters.AddWithValue("$reference", ids[reference]);
                insert.ExecuteNonQuery();
            }
        }
    }

    private static string Text(ByteString path) =>
        StorePaths.HasNixName(path)
            ? Encoding.UTF8.GetString(path.Span)
            : throw new InputException($"{path} has no name that Nix would give to a store path, so it can't be registered")
            {
                Advice = new("Leave the path out of the closure, or build without a Nix database.", ClosureSetting.NixDatabase),
            };

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    // SQLite serializes the bytes that it would write to a file, so no file is needed.
    private static byte[] Bytes(SqliteConnection connection)
    {
        var memory = raw.sqlite3_serialize(connection.Handle!, "main", out var length, 0);
        if (memory == 0) throw new InvalidOperationException("SQLite did not serialize the database.");
        try
        {
            var bytes = new byte[length];
            Marshal.Copy(memory, bytes, 0, bytes.Length);
            return bytes;
        }
        finally
        {
            raw.sqlite3_free(memory);
        }
    }
}
